/** Inlines the script and the styles of the report: one HTML file that can be mailed and opened from disk. */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const scriptTag = /[ \t]*<script type="module"[^>]* src="\.\/([^"]+)"><\/script>\n?/;
const styleTag = /[ \t]*<link rel="stylesheet"[^>]* href="\.\/([^"]+)">\n?/;

export function inlineReport(): Plugin {
  return {
    name: 'ixgate-inline-report',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['report.html'];
      if (page?.type !== 'asset') return this.error('the build created no report.html');
      const take = (html: string, tag: RegExp): [html: string, content: string] => {
        const name = tag.exec(html)?.[1] ?? '';
        const file = bundle[name];
        if (!file) return this.error(`report.html has no match for ${tag}`);
        delete bundle[name];
        return [html.replace(tag, ''), file.type === 'chunk' ? file.code : String(file.source)];
      };
      const [withoutScript, script] = take(String(page.source), scriptTag);
      const [bare, style] = take(withoutScript, styleTag);
      const left = Object.keys(bundle).filter((name) => name !== 'report.html');
      if (left.length > 0) return this.error(`the report needs other files: ${left.join(', ')}`);
      page.source = withContent(bare, inScript(script), style);
      return undefined;
    },
  };
}

/** The policy allows only this script, by its hash. Texts of a session can therefore never run or load anything. */
function withContent(html: string, script: string, style: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'`;
  // Functions, because `$&` in the code would be special in a replacement text.
  return html
    .replace(
      '</title>',
      (title) =>
        `${title}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />\n    <style>${style}</style>`,
    )
    .replace('</body>', (end) => `  <script type="module">${script}</script>\n  ${end}`);
}

/** Escapes code so that it cannot end the script element. */
function inScript(code: string): string {
  return code.replace(/<(?=\/script|!--)/gi, '\\x3C');
}
