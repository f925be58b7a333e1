// What stands in place of the graph when there is nothing to show, always with what to do next.

import { el } from "./dom.js";
import { profileType } from "./profile-types.js";

function button(text, onclick, primary = false) {
  return el("button", { type: "button", class: primary ? "primary" : null, onclick }, text);
}

function message(title, ...children) {
  return el("div", { class: "message", role: "status" }, el("h2", {}, title), ...children);
}

/** A command to copy, with a button that does so. */
function command(text) {
  const copy = button("Copy", async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = "Copied";
  });
  return el("div", { class: "command" }, el("code", {}, text), navigator.clipboard ? copy : null);
}

/** No application has ever sent anything. */
export function noProfiles(address) {
  return message(
    "No profile has arrived yet",
    el("p", {}, "Start a Java application with the agent; its first profile arrives about ten seconds later:"),
    command(`java -agentpath:/path/to/libpyrite.so=application.name=my-service,server.address=${address} -jar my-service.jar`),
    el("p", {}, "In a container, or where the command line cannot be changed:"),
    command(`JAVA_TOOL_OPTIONS="-agentpath:/path/to/libpyrite.so=application.name=my-service,server.address=${address}"`),
    el("p", { class: "hint" }, "Already running with it? The application's own output has the agent's reason if it cannot reach this address. This page looks again every five seconds."),
  );
}

/** The application sent nothing in the range. `ranges` are wider ones: [{title, choose}]. */
export function nothingInRange(app, rangeText, ranges) {
  return message(
    `No profile of ${app} in ${rangeText}`,
    el("p", {}, "The application was not running with the agent then, or its uploads did not arrive. Look at a longer time:"),
    el("p", { class: "choices" }, ...ranges.map(({ title, choose }, index) => button(title, choose, index === 0))),
  );
}

/** The application sent other profile types. */
export function noSuchType(app, id, types, choose) {
  const { title, hint } = profileType(id);
  return message(
    `${app} sent no ${title} profile in this time`,
    hint ? el("p", {}, "To have it recorded, add ", el("code", {}, hint), " to the agent's options and restart the application.") : null,
    types.length ? el("p", {}, "What it did send:") : null,
    el("p", { class: "choices" }, ...types.map((type) => button(type.title, () => choose(type.id)))),
  );
}

/** The label selector matches nothing. */
export function noMatch(labels, clear) {
  return message(
    "No sample matches these labels",
    el("p", {}, "In this time range nothing carries ", el("code", {}, labels), "."),
    el("p", { class: "choices" }, button("Clear the labels", clear, true)),
  );
}

/** The profile is there, and empty. */
export function noSamples(title) {
  return message(`No ${title} samples in this time`, el("p", {}, "Choose a longer time, or a busier part of the timeline."));
}

/** One or both sides of a comparison are empty. */
export function nothingToCompare() {
  return message("Neither part has samples", el("p", {}, "Choose Baseline or Comparison above and drag over a part of the timeline that has bars."));
}

/** A query failed. */
export function failure(error, retry, clear) {
  if (error.status === 0) {
    return message(
      "The server does not answer",
      el("p", {}, "Is it still running? Start it with ", el("code", {}, "pyrite serve"), ". This page tries again every five seconds."),
      el("p", { class: "choices" }, button("Try now", retry, true)),
    );
  }
  const refused = error.status === 400 || error.status === 422;
  return message(
    refused ? "The server refused the query" : `The server failed (status ${error.status})`,
    el("p", {}, el("code", {}, error.message)),
    el("p", {}, refused ? "Check the labels: they are written name=\"value\", with commas between them; =~ takes a regular expression." : "Its own output says more."),
    el("p", { class: "choices" }, button("Try again", retry, true), clear ? button("Clear the labels", clear) : null),
  );
}
