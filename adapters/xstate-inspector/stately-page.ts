/** The address of Stately's inspector. */
export const hostedInspector = 'https://stately.ai';

/** Forwards messages of the WebSocket to the hosted inspector in its frame, once the inspector is ready. */
export const statelyPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>ixgate sessions in Stately's inspector</title>
<style>
html, body { height: 100%; margin: 0; font: 13px system-ui, sans-serif; }
body { display: flex; flex-direction: column; }
p { margin: 0; padding: 8px 12px; }
iframe { flex: 1; border: 0; }
</style>
</head>
<body>
<p role="status">Waiting for ${hostedInspector}, which needs the internet ...</p>
<iframe title="Stately inspector" src="${hostedInspector}/inspect"></iframe>
<script>
const hosted = ${JSON.stringify(hostedInspector)};
const frame = document.querySelector('iframe');
const status = document.querySelector('p');
let waiting = [];
const hand = (event) => frame.contentWindow.postMessage(event, hosted);
addEventListener('message', ({ data, origin, source }) => {
  if (origin !== hosted || source !== frame.contentWindow || data?.type !== '@statelyai.connected') return;
  status.hidden = true;
  for (const event of waiting ?? []) hand(event);
  waiting = null;
});
const socket = new WebSocket(location.href.replace(/^http/, 'ws'));
socket.onmessage = ({ data }) => {
  const event = JSON.parse(data);
  if (waiting === null) hand(event);
  else if (waiting.push(event) > 2000) waiting.shift();
};
socket.onclose = () => {
  status.hidden = false;
  status.textContent = 'The gate is gone; load this page again when it is back.';
};
</script>
</body>
</html>
`;
