import { useEffect, useState } from 'react';
import { usePage } from '../state/store.js';

/**
 * The gate's clock to the second, for how long live sessions have lasted. It stands still from when the connection is lost until
 * the list has come again; null for a recording,
 * in which no time passes.
 */
export function useGateClock(): number | null {
  const isLive = usePage((state) => state.view.recording === null);
  const ahead = usePage(({ connection, listed, lostAt }) =>
    connection.phase === 'open' && (listed || lostAt === null) ? connection.ahead : null,
  );
  const lostAt = usePage((state) => state.lostAt);
  const [now, setNow] = useState(() => Date.now());
  const isRunning = isLive && ahead !== null;
  useEffect(() => {
    if (!isRunning) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  if (!isLive) return null;
  return ahead === null ? lostAt : now + ahead;
}
