/** Renders simple React elements as XML text: elements, texts, and components without hooks. */
import { Fragment, isValidElement, type ReactNode } from 'react';

type Props = Readonly<Record<string, unknown>> & { readonly children?: ReactNode };

/** Attributes with different names in React and SVG. */
const spelling: Readonly<Record<string, string>> = {
  className: 'class',
  textAnchor: 'text-anchor',
  strokeDasharray: 'stroke-dasharray',
};

/** Characters that are not allowed in XML. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression is about control characters
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

export function markupOf(node: ReactNode): string {
  if (node === null || node === undefined || typeof node === 'boolean') return '';
  if (Array.isArray(node)) return node.map(markupOf).join('');
  if (!isValidElement<Props>(node)) return escaped(String(node));
  const { type, props } = node;
  if (type === Fragment) return markupOf(props.children);
  if (typeof type === 'function') return markupOf((type as (own: Props) => ReactNode)(props));
  const content = markupOf(props.children);
  const start = `<${String(type)}${attributes(props)}`;
  return content ? `${start}>${content}</${String(type)}>` : `${start}/>`;
}

function attributes(props: Props): string {
  return Object.entries(props)
    .filter(([name, value]) => !/^(children$|data-|aria-)/.test(name) && plain(value))
    .map(([name, value]) => ` ${spelling[name] ?? name}="${escaped(String(value))}"`)
    .join('');
}

function plain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function escaped(text: string): string {
  return text
    .replace(impossible, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character] ?? '');
}
