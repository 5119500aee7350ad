/** The steps of sessions after they have departed from the figure, by inputs and outputs. */
export interface Branch {
  readonly inputs: readonly string[];
  readonly output: string;
  /** The number of sessions. */
  count: number;
  /** Milliseconds, shortest and longest, from the departure, and from the start of the clock before it. */
  readonly sinceDeparture: [min: number, max: number];
  readonly sinceClock: [min: number, max: number];
  readonly to: ResidueNode;
}

export interface ResidueNode {
  readonly branches: Map<string, Branch>;
}
