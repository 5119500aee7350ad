import { type ConformReport, renderConform } from '../../tester/index.js';
import { type Output, rounded } from '../output.js';

/** Prints a report, as text or as one JSON object. */
export function tellConform(report: ConformReport, output: Output): void {
  output.tell(renderConform(report, output.paint).trimEnd(), conformJson(report));
}

function conformJson({ failures, elapsed, ...report }: ConformReport) {
  return {
    ...report,
    elapsedMs: rounded(elapsed),
    failures: failures.map(({ code, count, difference, isDocumented, shortest, replays }) => ({
      code,
      count,
      documented: isDocumented,
      figures: difference.figures,
      sentence: difference.sentence,
      expected: difference.expected,
      came: difference.came,
      input: difference.input,
      from: difference.from,
      edges: difference.edges,
      case: shortest.case,
      seen: shortest.seen,
      replays,
    })),
  };
}
