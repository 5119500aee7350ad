interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
}

let known: number | null | undefined;

/**
 * Files and sockets this process may have open, or null where the system sets no limit or does not tell. Node raises it to the most
 * that is allowed when it starts; it is asked for once and remembered for the life of the process.
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
  // With the network in it, the report looks up the names of all peers, which can take seconds.
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as unknown as Report;
  // Reports that the service itself has written on a crash are not ours to change.
  if (excludeNetwork !== undefined) report.excludeNetwork = excludeNetwork;
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : null;
}
