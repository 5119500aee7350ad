/** The page of `ixgate viz --machine`: the chart of any machine, to walk through it. */
import { createRoot } from 'react-dom/client';
import { MachinePage } from './machine-page.js';
import '../styles/theme.css';
import '../styles/base.css';
import '../styles/page.css';
import '../styles/overlays.css';
import '../styles/forced-colors.css';
import './machine.css';

createRoot(document.getElementById('root') as HTMLElement).render(<MachinePage />);
