// Every card of the screen "care", in its order. A new one is a line here, and a file that it names.
import type { ComponentType } from "preact";
import type { Role } from "../../camera/signedin";
import { Certificates } from "./Certificates";
import { Exports } from "./Exports";
import { Health } from "./Health";
import { Holds } from "./Holds";
import { Log } from "./Log";
import { PlaceBroker, PlaceNotice, PlacePlan, PlaceSign } from "./Place";
import { SignIns } from "./SignIns";
import { Storage } from "./Storage";
import { Updates } from "./Updates";
import { Users } from "./Users";

export interface CareCard {
  /** Stands in the address (#/care?card=holds) and is the card's id in the page. */
  name: string;
  /** The word that names it among the others. */
  word: string;
  roles: readonly Role[];
  card: ComponentType<{ id: string }>;
}

const EVERYBODY: readonly Role[] = ["owner", "operator", "installer"];
const OWNER: readonly Role[] = ["owner"];

export const cards: readonly CareCard[] = [
  { name: "health", word: "health", roles: EVERYBODY, card: Health },
  { name: "storage", word: "care.storage", roles: ["owner", "operator"], card: Storage },
  { name: "holds", word: "care.holds", roles: ["owner", "operator"], card: Holds },
  { name: "exports", word: "care.exports", roles: OWNER, card: Exports },
  { name: "notice", word: "care.notice", roles: OWNER, card: PlaceNotice },
  { name: "sign", word: "care.sign", roles: OWNER, card: PlaceSign },
  { name: "plan", word: "care.plan", roles: OWNER, card: PlacePlan },
  { name: "broker", word: "care.broker", roles: OWNER, card: PlaceBroker },
  { name: "users", word: "care.users", roles: OWNER, card: Users },
  { name: "sign-ins", word: "care.sign_ins", roles: EVERYBODY, card: SignIns },
  { name: "certificates", word: "care.certificates", roles: OWNER, card: Certificates },
  { name: "log", word: "care.log", roles: OWNER, card: Log },
  { name: "updates", word: "care.updates", roles: EVERYBODY, card: Updates },
];
