/**
 * Six builds: the page (`index.html` and what it loads, relative, so that any web server can serve the folder); with `--mode machine` the page of
 * a machine; with `--mode inspector` the page of the inspector; with `--mode report` the report's template, one HTML file; with `--mode picture` one
 * module for Node, which draws charts without a browser; with `--mode view` the modules that `ixgate/element` loads in other people's pages. Pages that
 * are built together share files of styles, and then the order of rules is another one.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { inlineReport } from './inline-report.js';
import { chartLayoutPlugin } from './layout/plugin.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const picture: UserConfig = {
  root: here('.'),
  publicDir: false,
  plugins: [react()],
  ssr: { noExternal: true },
  build: {
    ssr: here('src/picture/picture.ts'),
    outDir: here('../dist/viz'),
    emptyOutDir: false,
    target: 'node20',
    minify: true,
    rolldownOptions: {
      output: { entryFileNames: 'picture/picture.js', codeSplitting: false },
    },
  },
};

/** The style sheets of the view are texts in its module (src/view/style.ts), and it starts no worker: only its modules are written. */
const onlyModules: Plugin = {
  name: 'ixgate:only-modules',
  enforce: 'post',
  generateBundle(_, bundle) {
    for (const name of Object.keys(bundle)) if (!name.startsWith('view/')) delete bundle[name];
  },
};

const view: UserConfig = {
  root: here('.'),
  publicDir: false,
  plugins: [react(), onlyModules],
  // A library keeps it otherwise, and browsers have no `process`.
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    lib: { entry: here('src/view/view.tsx'), formats: ['es'] },
    outDir: here('../dist/viz'),
    emptyOutDir: false,
    target: 'es2022',
    minify: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_600,
    rolldownOptions: {
      // Bundlers of the users add hashes.
      output: { entryFileNames: 'view/view.js', chunkFileNames: 'view/[name].js', minify: true },
    },
  },
};

export default defineConfig(({ mode }) => {
  const report = mode === 'report';
  const entry = ['report', 'machine', 'inspector'].includes(mode) ? `${mode}.html` : 'index.html';
  if (mode === 'picture') return picture;
  if (mode === 'view') return view;
  return {
    root: here('.'),
    base: './',
    publicDir: entry === 'index.html' ? 'public' : false,
    plugins: [react(), chartLayoutPlugin(), ...(report ? [inlineReport()] : [])],
    worker: { format: 'es' },
    build: {
      outDir: here('../dist/viz'),
      emptyOutDir: entry === 'index.html',
      target: 'es2023',
      modulePreload: { polyfill: false },
      assetsInlineLimit: report ? Number.POSITIVE_INFINITY : 0,
      reportCompressedSize: false,
      // Kilobytes. The layout engine for charts of other machines is large, but it is loaded only on request.
      chunkSizeWarningLimit: 1_600,
      rolldownOptions: {
        // The layout of the chart takes some seconds, so the warning about slow plugins is off.
        checks: { pluginTimings: false },
        input: here(entry),
        ...(report && { output: { codeSplitting: false } }),
      },
    },
  };
});
