// What the page uses of the bundled packages; everything else is shaken out of the bundle.
export { default as flamegraph } from "d3-flame-graph";
export { select } from "d3-selection";
