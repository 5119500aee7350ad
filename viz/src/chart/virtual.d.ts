/** Served by `chartLayoutPlugin` (viz/layout/plugin.ts): the registration chart's layout, made when the page is built. */
declare module 'virtual:chart-layout' {
  const layout: import('../../layout/chart-layout.js').ChartLayout;
  export default layout;
}
