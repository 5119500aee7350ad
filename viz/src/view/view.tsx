/** The entry of `dist/viz/view`: draws a chart into the shadow root of `<ixgate-statechart>`. */
import { createRoot } from 'react-dom/client';
import type { MountedView } from '../../../adapters/element/view-module.js';
import { Statechart } from './statechart.js';
import { viewStyle } from './style.js';

export function mountView(shadow: ShadowRoot): MountedView {
  shadow.adoptedStyleSheets = [viewStyle()];
  const container = document.createElement('div');
  container.className = 'view-root';
  shadow.replaceChildren(container);
  const root = createRoot(container, {
    onUncaughtError: (error) => {
      container.textContent = `The chart cannot be drawn: ${error}`;
    },
  });
  return {
    show: (props) => root.render(<Statechart {...props} />),
    unmount: () => {
      root.unmount();
      shadow.replaceChildren();
    },
  };
}
