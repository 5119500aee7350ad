import { useEffect, useState } from 'react';
import { timeOfDay } from '../parts/times.js';
import { reachGate, signIn } from './gate.js';

/** Asks for the token of the gate. `since` is when the connection was lost, by the gate's clock; null when there was none. */
export function SignIn({ since }: { since: number | null }) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  // Another tab may have signed in meanwhile.
  useEffect(() => {
    window.addEventListener('focus', reachGate);
    return () => window.removeEventListener('focus', reachGate);
  }, []);
  return (
    <form
      className="connection sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        void signIn(token.trim()).then(setProblem);
      }}
    >
      <span className="dot bad" />
      <span role="alert">
        {problem ??
          (since === null
            ? 'The gate asks for its token.'
            : `The connection was lost at ${timeOfDay(since)}; the gate asks for its token.`)}
      </span>
      <label>
        <span className="visually-hidden">Token of the gate (--admin-token)</span>
        <input
          type="password"
          autoComplete="current-password"
          placeholder="token"
          required
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
      </label>
      <button type="submit">Sign in</button>
    </form>
  );
}
