// The page's own root: puts its parts together and asks the camera how it is, while somebody looks.
// @ts-check
import { ask, tell } from "./camera.js";
import { announcement, EventList } from "./events.js";
import { showHealth, showUnreachable } from "./health.js";
import { Installer } from "./installer.js";
import { LiveView } from "./live.js";
import { MasksCard } from "./masks.js";
import { Player } from "./player.js";
import { Timeline } from "./timeline.js";
import { UnlockDialog } from "./unlock.js";
import { preferredLanguage, remember, say, speak } from "./words.js";

const STATUS_MS = 2000;
const EVENTS_MS = 3000;
const RECORDINGS_MS = 10_000;
const MASKS_MS = 10_000;
const BEFORE_EVENT_MS = 3000;

/** @param {string} id @returns {any} */
const at = (id) => document.getElementById(id);

const lockButton = at("lock");
const unlockDialog = new UnlockDialog(at("unlock"));
const player = new Player(at("player"), () => unlock(), () => void renewStatus());
const timeline = new Timeline(at("timeline"), (ms) => void player.play(ms));
const eventList = new EventList(at("event-list"), at("no-events"), (event) => void player.play(event.start_ms - BEFORE_EVENT_MS));

const masksCard = new MasksCard();
const installer = new Installer(() => renewStatus());

/** @type {any} */ let status = null;
/** @type {any[]} */ let events = [];
let announced = "";

async function unlock() {
  const unlocked = await unlockDialog.ask();
  if (unlocked) {
    at("announcer").textContent = say("unlocked");
    void renewStatus();
  }
  return unlocked;
}

async function renewStatus() {
  try {
    status = await ask("/api/status");
    showUnreachable(false);
    showStatus();
  } catch {
    showUnreachable(true);
  }
}

function showStatus() {
  if (!status) return;
  showHealth(status);
  masksCard.showAim(status.aim);
  installer.show(status.installer, status.aim);
  lockButton.hidden = status.unlocked_s === 0;
  timeline.nowMs = status.now_ms;
}

async function renewEvents() {
  events = await ask("/api/events");
  eventList.show(events);
  timeline.events = events;
  const newest = events[0];
  if (newest && newest.event_id !== announced) {
    if (announced) at("announcer").textContent = announcement(newest);
    announced = newest.event_id;
  }
}

async function renewMasks() {
  masksCard.showMasks(await ask("/api/masks"));
}

async function renewRecordings() {
  if (!status) await renewStatus();
  timeline.stretches = await ask(`/api/recordings?from_ms=${Math.round(timeline.fromMs)}&to_ms=${status.now_ms}`);
  timeline.draw();
}

function showHours() {
  for (const button of document.querySelectorAll("[data-hours]")) {
    const hours = Number(/** @type {HTMLElement} */ (button).dataset.hours);
    button.textContent = say("hours", { n: hours });
    button.setAttribute("aria-pressed", String(hours === timeline.hours));
  }
}

/** Renew now and ever after, one at a time, and only while the page is looked at. */
function renewEvery(/** @type {number} */ ms, /** @type {() => Promise<void>} */ renew) {
  let running = false;
  const once = async () => {
    if (running || document.hidden) return;
    running = true;
    await renew().catch(() => {}); // the status says when the camera is away
    running = false;
  };
  setInterval(() => void once(), ms);
  document.addEventListener("visibilitychange", () => void once());
  void once();
}

/** @param {string} language */
async function speakAll(language) {
  await speak(language);
  at("language").value = language;
  showHours();
  showStatus();
  masksCard.draw();
  eventList.show(events);
  timeline.draw();
}

async function begin() {
  await speakAll(preferredLanguage());
  at("language").addEventListener("change", async () => {
    remember(at("language").value);
    await speakAll(at("language").value);
  });
  for (const button of document.querySelectorAll("[data-hours]")) {
    button.addEventListener("click", () => {
      timeline.setHours(Number(/** @type {HTMLElement} */ (button).dataset.hours));
      showHours();
      void renewRecordings().catch(() => {});
    });
  }
  lockButton.addEventListener("click", async () => {
    await tell("/api/lock", {});
    at("announcer").textContent = say("locked_again");
    await renewStatus();
  });
  new LiveView(at("live"), at("live-canvas"), at("live-missing")).start();
  renewEvery(STATUS_MS, renewStatus);
  renewEvery(EVENTS_MS, renewEvents);
  renewEvery(RECORDINGS_MS, renewRecordings);
  renewEvery(MASKS_MS, renewMasks);
}

void begin();
