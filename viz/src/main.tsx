import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { findGate } from './gate.js';
import { openReport } from './recordings/index.js';
import { readAddress } from './use-address.js';
import './theme.css';
import './base.css';
import './page.css';
import './overlays.css';
import './sessions/sessions.css';

readAddress();
if (!openReport()) void findGate();
createRoot(document.getElementById('root') as HTMLElement).render(<App />);
