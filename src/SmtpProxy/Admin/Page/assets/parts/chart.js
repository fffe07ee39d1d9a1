/** @file Lines over the last ten minutes. uPlot draws them on a canvas, in the colours of the style sheet. */
import { html, useEffect, useRef } from '../lib/html.js';
import { theme } from '../lib/theme.js';
import { useValue } from '../lib/observable.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/**
 * @param {{ label: string, points: object[], lines: { key: string, label: string, colour: string, fill?: boolean }[], show: (value: number) => string }} props
 * `colour` is the name of a colour in tokens.css.
 */
export function Chart({ label, points, lines, show }) {
  const box = useRef(null);
  const plot = useRef(null);
  const kind = useValue(theme);
  const data = [points.map((point) => point.unix), ...lines.map((line) => points.map((point) => point[line.key] ?? null))];
  const newest = useRef(data);
  newest.current = data;
  useEffect(() => {
    const options = {
      width: box.current.clientWidth,
      height: 150,
      padding: [8, 8, 0, 0],
      cursor: { y: false, points: { size: 6 } },
      legend: { live: true, markers: { width: 0, fill: (_, index) => colour(lines[index - 1].colour) } },
      scales: { y: { range: (_, low, high) => [0, Math.max(high || 0, 1) * 1.1] } },
      axes: [
        { stroke: colour('quiet'), grid: { show: false }, ticks: { show: false }, size: 24, font: '11px system-ui', values: (_, ticks) => ticks.map((tick) => clock.format(tick * 1000)), space: 90 },
        { stroke: colour('quiet'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false }, size: 56, font: '11px system-ui', values: (_, ticks) => ticks.map(show), space: 32 },
      ],
      series: [
        { value: (_, value) => (value === null ? '–' : clock.format(value * 1000)) },
        ...lines.map((line) => ({
          label: line.label, stroke: colour(line.colour), width: 1.75, points: { show: false }, spanGaps: true,
          fill: line.fill ? `${colour(line.colour)}1f` : undefined, value: (_, value) => (value === null ? '–' : show(value)),
        })),
      ],
    };
    plot.current = new window.uPlot(options, newest.current, box.current);
    const watch = new ResizeObserver(() => plot.current.setSize({ width: box.current.clientWidth, height: 150 }));
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      plot.current.destroy();
      plot.current = null;
    };
  }, [kind]);
  useEffect(() => plot.current?.setData(data));
  return html`<div class="chart" ref=${box} role="img" aria-label=${label} />`;
}
