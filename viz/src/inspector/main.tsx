/** The page of `ixgate inspector`: the actors of running apps. */
import { createRoot } from 'react-dom/client';
import { socketUrl } from './addresses.js';
import { InspectorPage } from './inspector-page.js';
import { Source } from './source.js';
import '../styles/theme.css';
import '../styles/base.css';
import '../styles/page.css';
import '../styles/overlays.css';
import '../styles/forced-colors.css';
import './inspector.css';
import './ladder.css';

const source = new Source(socketUrl(location, 'inspector/feed'));
createRoot(document.getElementById('root') as HTMLElement).render(
  <InspectorPage source={source} />,
);
