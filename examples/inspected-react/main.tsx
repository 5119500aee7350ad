/**
 * An app with React in the inspector: `npx ixgate inspector`, then `npx vite examples/inspected-react`, and open
 * http://localhost:5173/?inspector=ADDRESS with the address for pages that the first command prints (`ws://127.0.0.1:7080/stately?token=...`).
 * Without an address nothing is sent.
 */
import { useMachine, useSelector } from '@xstate/react';
import { createInspector } from 'ixgate/inspector';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { type ItemRef, orderMachine } from './order.js';

const url = new URLSearchParams(location.search).get('inspector') ?? undefined;
const { inspect } = createInspector({ url, name: 'react' });
const goods = ['bread', 'milk', 'cheese', 'apples'];

function Item({ item }: { readonly item: ItemRef }) {
  const pieces = useSelector(item, ({ context, value }) => (value === 'none' ? 0 : context.pieces));
  const name = useSelector(item, ({ context }) => context.name);
  return (
    <li>
      {pieces} {name}{' '}
      <button type="button" onClick={() => item.send({ type: 'MORE' })}>
        more {name}
      </button>{' '}
      <button type="button" onClick={() => item.send({ type: 'LESS' })}>
        less {name}
      </button>
    </li>
  );
}

function Order() {
  const [snapshot, send] = useMachine(orderMachine, { inspect });
  const { items, number } = snapshot.context;
  const next = goods[items.length];
  return (
    <main>
      <h1>An order</h1>
      <p>
        The order is <output>{String(snapshot.value)}</output> {number !== null && `(${number})`}
      </p>
      <ul>
        {items.map((item) => (
          <Item key={item.sessionId} item={item} />
        ))}
      </ul>
      <button
        type="button"
        disabled={next === undefined}
        onClick={() => next && send({ type: 'ADD', name: next })}
      >
        add
      </button>{' '}
      <button type="button" onClick={() => send({ type: 'REMOVE' })}>
        remove
      </button>{' '}
      <button type="button" onClick={() => send({ type: 'SUBMIT' })}>
        submit
      </button>{' '}
      <button type="button" onClick={() => send({ type: 'AGAIN' })}>
        again
      </button>
    </main>
  );
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <Order />
    </StrictMode>,
  );
