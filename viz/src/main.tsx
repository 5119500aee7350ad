import { createRoot } from 'react-dom/client';
import './theme.css';

createRoot(document.getElementById('root') as HTMLElement).render(<p>ixgate {'</script>'}</p>);
