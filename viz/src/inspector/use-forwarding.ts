import { useEffect, useState } from 'react';
import { socketUrl, tokenIn } from './addresses.js';
import { type ForwardingStatus, forwardOtherWindow, otherWindow } from './other-window.js';

/** Forwards messages of the window that opened this page, or has it in a frame. */
export function useForwarding(): ForwardingStatus {
  const [status, setStatus] = useState<ForwardingStatus>('none');
  useEffect(() => {
    const url = tokenIn(location) === null ? null : socketUrl(location, 'stately');
    return forwardOtherWindow({ other: otherWindow(window), url, onStatus: setStatus });
  }, []);
  return status;
}
