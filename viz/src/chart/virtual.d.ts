/** Served by `chartLayoutPlugin` (viz/layout/plugin.ts): the layout of the registration chart, computed when the page is built. */
declare module 'virtual:chart-layout' {
  const layout: import('../../layout/chart-layout.js').ChartLayout;
  export default layout;
}
