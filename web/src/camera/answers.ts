// The shapes of what the camera answers, by the names that the screens use.
import type { components } from "./api";

type Shapes = components["schemas"];

export type Status = Shapes["StatusAnswer"];
export type Recorder = Shapes["RecorderStatus"];
export type Aim = Shapes["AimAnswer"];
export type Fault = Shapes["Fault"];
export type InstallerStanding = Shapes["InstallerAnswer"];
export type Masks = Shapes["MasksAnswer"];
export type Outline = Shapes["Outline"];
export type Outlines = Shapes["OutlinesAnswer"];
export type Happening = Shapes["EventAnswer"];
export type Stretch = Shapes["StretchAnswer"];
export type Welcome = Shapes["WelcomeAnswer"];
export type Me = Shapes["MeAnswer"];
export type Version = Shapes["VersionAnswer"];
export type UpdatesShown = Shapes["UpdatesAnswer"];
export type UpdateOrder = Shapes["OrderUpdate"]["order"];
export type SignedInAs = Shapes["SignInAnswer"];
export type SignInSession = Shapes["SessionAnswer"];
export type Account = Shapes["AccountAnswer"];
export type PasskeyShown = Shapes["PasskeyAnswer"];
export type Hold = Shapes["HoldAnswer"];
export type RegisterPage = Shapes["RegisterAnswer"];
export type RegisterLineShown = Shapes["RegisterLineAnswer"];
export type Certificates = Shapes["CertificatesAnswer"];
export type CertificateShown = Shapes["CertificateAnswer"];
