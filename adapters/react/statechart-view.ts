import {
  type CSSProperties,
  createElement,
  type ReactElement,
  type RefObject,
  useEffect,
  useRef,
} from 'react';
import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate';
import type { MachineDefinition } from '../element/chart-of.js';
import {
  defineStatechart,
  type StatechartElement,
  type StatechartTheme,
  type TransitionSelectEvent,
} from '../element/statechart-element.js';

export interface StatechartViewProps {
  /** A machine of XState 5, or its configuration. Make it outside of the component: another object is read again. */
  readonly machine: AnyStateMachine | MachineDefinition;
  /** A snapshot of an actor of the machine, or a state value: its states are marked. The layout stays. */
  readonly snapshot?: AnyMachineSnapshot | StateValue | null | undefined;
  /** The ids of the transitions that were taken last; a new array is a new step. */
  readonly transitions?: readonly string[] | undefined;
  /** @default 'auto' */
  readonly theme?: StatechartTheme | undefined;
  /** Called with the id of the transition that the user selects, and with null when none is selected any more. */
  readonly onTransitionSelect?: ((transition: string | null) => void) | undefined;
  readonly className?: string | undefined;
  /** The height is 20rem without one. */
  readonly style?: CSSProperties | undefined;
}

const name = 'ixgate-statechart';

/**
 * The chart of a machine with the state of an actor. It is the element of `ixgate/element`, and loads the drawing when it is first shown; on
 * a server it is an empty element.
 */
export function StatechartView(props: StatechartViewProps): ReactElement {
  const { machine, snapshot, transitions, theme = 'auto', className, style } = props;
  const element = useRef<StatechartElement | null>(null);
  useEffect(() => defineStatechart(name), []);
  // React 18 would make texts of them.
  useEffect(() => {
    if (element.current) Object.assign(element.current, { machine, snapshot, transitions });
  }, [machine, snapshot, transitions]);
  useTransitionSelect(element, props.onTransitionSelect);
  return createElement(name, { ref: element, theme, class: className, style });
}

/** Calls the listener of the latest render. */
function useTransitionSelect(
  element: RefObject<StatechartElement | null>,
  listener: StatechartViewProps['onTransitionSelect'],
): void {
  useEffect(() => {
    const { current } = element;
    const listen = ({ detail }: TransitionSelectEvent) => listener?.(detail.transition);
    current?.addEventListener('transition-select', listen);
    return () => current?.removeEventListener('transition-select', listen);
  }, [element, listener]);
}
