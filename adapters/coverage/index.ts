/** Coverage files: written by processes that run the chart, read and added up by `ixgate coverage`. */
export { type ChartFile, chartCoverageOfFiles } from './chart-files.js';
export { chartReport, chartTable, type Exploring } from './chart-report.js';
export { readCoverage, writeCoverage } from './coverage-file.js';
export { type CountedFile, type CoveredFiles, coverageOfFiles } from './covered-files.js';
export { drawnCoverage } from './drawn-coverage.js';
export { coverageReport, coverageTable } from './render.js';
