/** The style sheet of the shadow root. It is one object for all charts of a page. */
import chart from '../chart/chart.css?inline';
import drawing from '../chart/drawing.css?inline';
import base from '../styles/base.css?inline';
import forcedColors from '../styles/forced-colors.css?inline';
import theme from '../styles/theme.css?inline';
import view from './view.css?inline';

let sheet: CSSStyleSheet | null = null;

/** The rules for the root of a page are for the element `.view`, so that they can be stronger than each other as there. */
export function viewStyle(): CSSStyleSheet {
  if (sheet) return sheet;
  sheet = new CSSStyleSheet();
  const parts = [theme, base, drawing, chart, view, forcedColors];
  sheet.replaceSync(parts.join('\n').replaceAll(':root', '.view'));
  return sheet;
}
