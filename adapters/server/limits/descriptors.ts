interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
}

/** Files and sockets this process may have open, or null where the system sets no limit or does not tell. */
export function descriptorLimit(): number | null {
  const { report } = process;
  if (!report) return null;
  // Without this the report looks up the names of all peers, which can take seconds.
  (report as { excludeNetwork?: boolean }).excludeNetwork = true;
  const { userLimits } = report.getReport() as unknown as Report;
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : null;
}
