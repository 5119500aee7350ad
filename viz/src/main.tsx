import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { findGate } from './gate.js';
import { openReport } from './recordings/index.js';
import { show, usePage } from './store.js';
import { keptTheme } from './theme.js';
import { readAddress } from './use-address.js';
import './theme.css';
import './base.css';
import './page.css';
import './overlays.css';
import './sessions/sessions.css';
import './forced-colors.css';

readAddress();
// A link may have a theme of its own.
if (usePage.getState().view.theme === 'auto') show({ theme: keptTheme() });
if (!openReport()) void findGate();
createRoot(document.getElementById('root') as HTMLElement).render(<App />);
