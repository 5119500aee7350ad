import { parser } from '@prometheus-io/lezer-promql';

/** A selector of an expression, e.g. `rate(a_total{b="c"}[5m])`. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly {
    readonly label: string;
    readonly op: string;
    readonly value: string;
  }[];
  /** The functions that contain it, innermost first: `rate`, `histogram_quantile`. */
  readonly functions: readonly string[];
}

export interface Parsed {
  readonly selectors: readonly Selector[];
  /** Labels in `by`, `on` and the like. */
  readonly grouped: readonly string[];
}

/** Parses PromQL. @throws for invalid text */
export function parsePromql(text: string): Parsed {
  const tree = parser.parse(text);
  const textOf = ({ from, to }: { from: number; to: number }) => text.slice(from, to);
  const selectors: Selector[] = [];
  const grouped: string[] = [];
  tree.iterate({
    enter(ref) {
      if (ref.type.isError) throw new Error(`invalid PromQL at ${ref.from}: ${text}`);
      const { node } = ref;
      if (ref.name === 'GroupingLabels') grouped.push(...node.getChildren('LabelName').map(textOf));
      if (ref.name !== 'VectorSelector') return;
      const metric = node.getChild('Identifier');
      if (!metric) throw new Error(`a selector without a name: ${text}`);
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      const functions: string[] = [];
      for (let above = node.parent; above; above = above.parent) {
        const name = above.getChild('FunctionIdentifier');
        if (above.name === 'FunctionCall' && name) functions.push(textOf(name));
      }
      selectors.push({
        metric: textOf(metric),
        functions,
        matchers: matchers.map((matcher) => {
          const [label, op, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((part) => {
            const child = matcher.getChild(part);
            return child ? textOf(child) : '';
          });
          return { label: label ?? '', op: op ?? '', value: (value ?? '').slice(1, -1) };
        }),
      });
    },
  });
  return { selectors, grouped };
}
