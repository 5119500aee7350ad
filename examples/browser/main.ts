/** The chart in a page: `seated` adds the actions, `Session` creates the step records, the rest is drawing. */
import {
  type Configuration,
  configurations,
  deadlineOf,
  type RegistrationEvent,
  type RegistrationEventType,
  registrationMachine,
  type SeatDelays,
  Session,
  type StepRecord,
  seated,
  stateNodesOf,
  systemClock,
  transitionsTaken,
} from 'ixgate/machines';
import { createActor } from 'xstate';

const given = new URLSearchParams(location.search);
/** `?registration=10000&rejection=5000`, in milliseconds. */
const delays: SeatDelays = {
  registrationTimeout: Number(given.get('registration') ?? 10_000),
  rejectionTimeout: Number(given.get('rejection') ?? 5_000),
};

const speakers: Record<string, [RegistrationEventType, string][]> = {
  client: [
    ['RequestRegisterClient', 'RequestRegisterClient'],
    ['OtherMessage', 'any other message'],
  ],
  server: [
    ['EventAck', 'EventAck'],
    ['EventError', 'EventError'],
    ['OtherEvent', 'any other message'],
  ],
  transport: [
    ['Connected', 'connect'],
    ['Disconnected', 'disconnect'],
  ],
};

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
};

let session: Session;
/** Set by the chart for an unexpected event, just before the step record. */
let unanswered = false;

function start(): void {
  const actor = createActor(
    seated({ delays, actions: { unexpected: () => (unanswered = true) } }),
    { clock: systemClock },
  );
  session = new Session(actor, { session: 'page', seat: 'observer', delays, onStep: show });
  actor.start();
  element('steps').replaceChildren();
  draw();
}

function send(type: RegistrationEventType): void {
  const event: RegistrationEvent =
    type === 'Disconnected' ? { type, reason: 'peer-closed' } : { type };
  session.send(event);
}

/** Adds a step record to the table. */
function show(step: StepRecord): void {
  const ignored = unanswered;
  unanswered = false;
  const row = document.createElement('tr');
  const moved = step.from !== step.to;
  row.className = ignored ? 'unexpected' : '';
  const cells = [
    `${step.seq}`,
    `${(step.elapsed / 1000).toFixed(1)} s`,
    step.kind === 'timer' ? `${step.name} is over` : step.name,
    moved ? step.to : ignored ? `no answer to this in ${step.to}` : `stays ${step.to}`,
  ];
  for (const text of cells) row.insertCell().textContent = text;
  if (step.reason) row.cells.item(3)?.append(` (${step.reason})`);
  element('steps').prepend(row);
  draw();
}

function draw(): void {
  const { configuration } = session;
  element('configuration').textContent = configuration;
  element('meaning').textContent = meaningOf(configuration);
  element('configurations').replaceChildren(
    ...configurations.map((name) => {
      const item = document.createElement('li');
      item.textContent = name;
      if (name === configuration) item.setAttribute('aria-current', 'step');
      return item;
    }),
  );
  const focused = (document.activeElement as HTMLElement | null)?.dataset.event;
  for (const [speaker, events] of Object.entries(speakers)) {
    element(speaker).replaceChildren(
      ...events.map(([type, text]) => sayButton(configuration, type, text)),
    );
  }
  if (configuration === 'disconnected') {
    const again = document.createElement('button');
    again.textContent = 'start again';
    again.className = 'again';
    again.onclick = start;
    element('transport').replaceChildren(again);
  }
  // The buttons are new elements, so the focus is restored.
  if (focused) document.querySelector<HTMLElement>(`[data-event="${focused}"]`)?.focus();
  tick();
}

function sayButton(
  configuration: Configuration,
  type: RegistrationEventType,
  text: string,
): HTMLButtonElement {
  const button = document.createElement('button');
  const taken = transitionsTaken(configuration, type);
  button.textContent = text;
  button.disabled = taken.length === 0;
  button.dataset.event = type;
  button.dataset.legal = taken.some((edge) => !edge.unexpected) ? 'yes' : 'no';
  button.title = taken.map((edge) => edge.description).join(' ');
  button.onclick = () => send(type);
  return button;
}

/** The description of the innermost active state. */
function meaningOf(configuration: Configuration): string {
  const key = configuration.split('/')[0];
  const node = stateNodesOf(registrationMachine.root).find((state) => state.key === key);
  return node?.description ?? '';
}

/** Moves the clock's hand. */
function tick(): void {
  const running = deadlineOf(session.configuration);
  const left = session.deadline;
  const clock = element('clock');
  clock.dataset.running = running ?? 'no';
  element('left').textContent = left === null ? '–' : (left / 1000).toFixed(1);
  element('deadline').textContent = running ? `s until the ${running} deadline` : 'no clock runs';
  const length = running === 'rejection' ? delays.rejectionTimeout : delays.registrationTimeout;
  element('arc').style.strokeDashoffset = `${1 - (left ?? 0) / length}`;
}

function frame(): void {
  tick();
  requestAnimationFrame(frame);
}

start();
frame();
