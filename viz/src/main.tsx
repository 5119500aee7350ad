import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { readAddress } from './app/use-address.js';
import { findGate } from './gate/gate.js';
import { openReport } from './recordings/index.js';
import { show, usePage } from './state/store.js';
import { keptTheme } from './state/theme.js';
import './styles/theme.css';
import './styles/base.css';
import './styles/page.css';
import './styles/overlays.css';
import './sessions/sessions.css';
import './styles/forced-colors.css';

readAddress();
// A link may have a theme of its own.
if (usePage.getState().view.theme === 'auto') show({ theme: keptTheme() });
if (!openReport()) void findGate();
createRoot(document.getElementById('root') as HTMLElement).render(<App />);
