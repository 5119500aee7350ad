/** `<ixgate-statechart>`: the chart of a machine with the state of an actor, for pages of any framework. */
import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate';
import { toError } from '../runtime/errors.js';
import { chartOf, chartOfText, type MachineDefinition } from './chart-of.js';
import type { MountedView, ViewModule, ViewProps } from './view-module.js';

/** Light, dark, or as the system is set. */
export type StatechartTheme = 'auto' | 'light' | 'dark';

/** The event when the user selects a transition, or none any more. */
export type TransitionSelectEvent = CustomEvent<{
  /** The id, as in coverage and in the inspector; null when none is selected any more. */
  readonly transition: string | null;
}>;

/** Node has no elements; there the class can be imported but not used. */
const HostElement: typeof HTMLElement =
  globalThis.HTMLElement ?? (class {} as unknown as typeof HTMLElement);

const properties = ['machine', 'snapshot', 'transitions'] as const;

/**
 * The custom element. It loads the drawing (React and the layout engine included) when it is first in a document.
 *
 * Attributes: `definition` (the configuration of a machine as JSON; `machine` comes first) and `theme`. Its events are
 * `transition-select`, which bubble. Its size is that of its box: the height is 20rem where the page sets none.
 */
export class StatechartElement extends HostElement {
  static readonly observedAttributes: readonly string[] = ['definition', 'theme'];
  #machine: AnyStateMachine | MachineDefinition | null = null;
  #snapshot: AnyMachineSnapshot | StateValue | null = null;
  #taken: ViewProps['taken'] = null;
  #definition: { readonly text: string; readonly chart: ViewProps['chart'] } | null = null;
  #view: MountedView | null = null;
  #isUpdating = false;

  constructor() {
    super();
    this.attachShadow({ mode: 'open' });
  }

  /** A machine of XState 5, or its configuration. @default null */
  get machine(): AnyStateMachine | MachineDefinition | null {
    return this.#machine;
  }

  set machine(machine: AnyStateMachine | MachineDefinition | null | undefined) {
    this.#machine = machine ?? null;
    this.#update();
  }

  /** A snapshot of an actor of the machine, or a state value: its states are marked. The layout stays. @default null */
  get snapshot(): AnyMachineSnapshot | StateValue | null {
    return this.#snapshot;
  }

  set snapshot(snapshot: AnyMachineSnapshot | StateValue | null | undefined) {
    this.#snapshot = snapshot ?? null;
    this.#update();
  }

  /** The ids of the transitions that were taken last; a new array is a new step. @default [] */
  get transitions(): readonly string[] {
    return this.#taken?.edges ?? [];
  }

  set transitions(edges: readonly string[] | null | undefined) {
    if (edges === this.#taken?.edges) return;
    this.#taken = edges ? { edges, seq: (this.#taken?.seq ?? 0) + 1 } : null;
    this.#update();
  }

  /** The attribute `theme`. @default 'auto' */
  get theme(): StatechartTheme {
    const theme = this.getAttribute('theme');
    return theme === 'light' || theme === 'dark' ? theme : 'auto';
  }

  set theme(theme: StatechartTheme) {
    this.setAttribute('theme', theme);
  }

  /** Called by the browser. */
  connectedCallback(): void {
    // Properties that were set before the element was defined hide those of the class.
    for (const name of properties) {
      const own = Object.getOwnPropertyDescriptor(this, name);
      if (!own) continue;
      delete (this as Partial<Record<typeof name, unknown>>)[name];
      Object.assign(this, { [name]: own.value });
    }
    this.#update();
  }

  /** Called by the browser. */
  disconnectedCallback(): void {
    // An element that only moves is connected again at once, and keeps its view.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#view?.unmount();
      this.#view = null;
    });
  }

  /** Called by the browser. */
  attributeChangedCallback(): void {
    this.#update();
  }

  /** Draws once for all changes of a task. */
  #update(): void {
    if (this.#isUpdating || !this.isConnected) return;
    this.#isUpdating = true;
    void loadView()
      .then(({ mountView }) => {
        this.#isUpdating = false;
        if (!this.isConnected) return;
        this.#view ??= mountView(this.shadowRoot as ShadowRoot);
        this.#view.show(this.#props());
      })
      .catch((error: unknown) => {
        this.#isUpdating = false;
        const problem = `The chart cannot be drawn: ${toError(error).message}`;
        if (this.shadowRoot && !this.#view) this.shadowRoot.textContent = problem;
      });
  }

  #props(): ViewProps {
    return {
      chart: this.#machine ? chartOf(this.#machine) : this.#chartOfAttribute(),
      value: stateValueOf(this.#snapshot),
      taken: this.#taken,
      theme: this.theme,
      onSelect: (transition) => {
        const init = { detail: { transition }, bubbles: true, composed: true };
        this.dispatchEvent(new CustomEvent('transition-select', init));
      },
    };
  }

  #chartOfAttribute(): ViewProps['chart'] {
    const text = this.getAttribute('definition');
    if (text === null) return null;
    if (this.#definition?.text !== text) this.#definition = { text, chart: chartOfText(text) };
    return this.#definition.chart;
  }
}

/** A failed load is tried again with the next change. */
let loading: Promise<ViewModule> | null = null;

function loadView(): Promise<ViewModule> {
  loading ??= (import('#statechart-view') as Promise<ViewModule>).catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** The state value; undefined without a snapshot. */
function stateValueOf(snapshot: AnyMachineSnapshot | StateValue | null): unknown {
  if (typeof snapshot !== 'object' || snapshot === null) return snapshot ?? undefined;
  // A state value may have regions with these names, but theirs are not such values.
  const isSnapshot = typeof snapshot.status === 'string' && 'context' in snapshot;
  return isSnapshot ? snapshot.value : snapshot;
}

/**
 * Defines the element, unless the name is defined already. Without custom elements, as in Node, it does nothing.
 * @param name @default 'ixgate-statechart'
 */
export function defineStatechart(name = 'ixgate-statechart'): void {
  const registry = globalThis.customElements;
  if (!registry || registry.get(name)) return;
  // A class has one name only.
  registry.define(name, class extends StatechartElement {});
}

declare global {
  interface HTMLElementTagNameMap {
    'ixgate-statechart': StatechartElement;
  }
  interface HTMLElementEventMap {
    'transition-select': TransitionSelectEvent;
  }
}
