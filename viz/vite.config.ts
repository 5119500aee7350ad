/**
 * Two builds: the page (`dist/viz/index.html` and what it loads, relative, so that any web server can serve the folder) and,
 * with `--mode report`, the report's template: one HTML file.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { inlineReport } from './inline-report.js';
import { chartLayoutPlugin } from './layout/plugin.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => {
  const report = mode === 'report';
  return {
    root: here('.'),
    base: './',
    publicDir: report ? false : 'public',
    plugins: [react(), chartLayoutPlugin(), ...(report ? [inlineReport()] : [])],
    build: {
      outDir: here('../dist/viz'),
      emptyOutDir: !report,
      target: 'es2023',
      modulePreload: { polyfill: false },
      assetsInlineLimit: report ? Number.POSITIVE_INFINITY : 0,
      reportCompressedSize: false,
      // Kilobytes. The layout engine for charts of other machines is large, but it is loaded only on request.
      chunkSizeWarningLimit: 1_600,
      rolldownOptions: {
        // The layout of the chart takes some seconds, so the warning about slow plugins is off.
        checks: { pluginTimings: false },
        input: here(report ? 'report.html' : 'index.html'),
        ...(report && { output: { codeSplitting: false } }),
      },
    },
  };
});
