interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
}

let known: number | null | undefined;

/**
 * Maximum number of open files and sockets of this process, or null where the limit is unknown. Node raises it to the hard limit when it
 * starts. It is read once and cached for the life of the process.
 */
export function descriptorLimit(): number | null {
  if (known === undefined) known = reportedLimit();
  return known;
}

function reportedLimit(): number | null {
  const report = process.report as
    | (NodeJS.ProcessReport & { excludeNetwork?: boolean })
    | undefined;
  if (!report) return null;
  const { excludeNetwork } = report;
  // With network information the report looks up the names of all peers, which can take seconds.
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as unknown as Report;
  // The setting also applies to the crash reports of the service, so it is restored.
  if (excludeNetwork !== undefined) report.excludeNetwork = excludeNetwork;
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : null;
}
