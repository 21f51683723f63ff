// Written by scripts/api-types out of the routes; do not edit.
export interface components {
  schemas: {
    AccountAnswer: {
      name: string;
      role: string;
      way: string;
      passkeys: number;
      disabled: boolean;
      made_by: string;
      made_ms: number;
      until_ms: number | null;
      trouble: string;
    };
    AccountRole: "owner" | "operator" | "installer";
    Act: "search" | "view" | "copy" | "disclosure" | "hold" | "release" | "erasure" | "disposal" | "owner_unlock" | "mask_change" | "unmasked_view" | "command" | "account_change" | "repair" | "gap" | "key_change" | "aim_confirm" | "setting_change" | "request" | "decision" | "report" | "complaint" | "book" | "standard";
    AimAnswer: {
      state: string;
      off: number;
      right: number;
      down: number;
      confirmed_by: string;
      confirmed_ms: number;
    };
    AnnounceStandard: {
      reason: string;
      in_force?: string | null;
      filled?: Record<string, string>;
    };
    AskCase: {
      kind: components["schemas"]["CaseKind"];
      want: components["schemas"]["Want"];
      asker?: components["schemas"]["AskerTold"];
      asker_kind?: components["schemas"]["AskerKind"];
      use?: components["schemas"]["Use"];
      purpose?: string;
      legal_basis?: string;
      identity_check?: string;
      from_ms?: number | null;
      to_ms?: number | null;
      remarks?: string;
      emergency?: boolean;
    };
    AskerKind: "inside" | "police" | "court" | "person" | "insurer" | "other";
    AskerTold: {
      name?: string;
      affiliation?: string;
      address?: string;
      contact?: string;
      representative?: string;
      recipient?: string;
    };
    AskingAnswer: {
      options: Record<string, unknown>;
    };
    BoxToCover: {
      first_frame: number;
      last_frame: number;
      x0: number;
      y0: number;
      x1: number;
      y1: number;
    };
    CaseAnswer: {
      case_id: string;
      kind: components["schemas"]["CaseKind"];
      want: components["schemas"]["Want"];
      state: components["schemas"]["CaseState"];
      open: boolean;
      asked_ms: number;
      asked_trust: number;
      asked_by: string;
      asker: components["schemas"]["PartyAnswer"];
      asker_kind: components["schemas"]["AskerKind"];
      use: components["schemas"]["Use"];
      purpose: string;
      legal_basis: string;
      identity_check: string;
      from_ms: number | null;
      to_ms: number | null;
      remarks: string;
      due_ms: number | null;
      overdue: boolean;
      decision: components["schemas"]["DecisionAnswer"] | null;
      report: string;
      answer: string;
      found: boolean | null;
      handed_over: components["schemas"]["HandOverAnswer"][];
      revision: number;
      mine: boolean;
      may: components["schemas"]["Step"][];
    };
    CaseEpochsAnswer: {
      mine: boolean;
      recipients: string[];
      epochs: components["schemas"]["EpochAnswer"][];
      more: boolean;
    };
    CaseKind: "look" | "disclosure" | "complaint";
    CaseState: "asked" | "granted" | "refused" | "withdrawn" | "emergency" | "reported" | "revoked" | "closed";
    CertificateAnswer: {
      fingerprint: string;
      names: string[];
      begins_ms: number;
      ends_ms: number;
    };
    CertificatesAnswer: {
      authority: components["schemas"]["CertificateAnswer"];
      page: components["schemas"]["CertificateAnswer"];
    };
    ChangeAnswer: {
      section: string;
      before: string;
      after: string;
    };
    ChangedAccount: {
      role?: components["schemas"]["AccountRole"] | null;
      days?: number | null;
      disabled?: boolean | null;
      way?: components["schemas"]["SignInWay"] | null;
      new_secret?: string | null;
      secret: string;
    };
    CloseCase: {
      found?: boolean | null;
      remarks?: string;
    };
    Condition: "recording" | "private" | "fault" | "resting" | "stopped";
    ConfirmAim: {
      secret?: string | null;
    };
    CoverAnswer: {
      width: number;
      height: number;
      cell: number;
      rectangles: [number, number, number, number][];
      share: number;
    };
    CustodyAnswer: {
      sealing: components["schemas"]["SealingKind"];
      purposes: string[];
      permit_h: number;
      emergency: boolean;
      emergency_report_h: number;
      answer_days: number;
      kept_years: number;
    };
    Decide: {
      keep?: number[];
      fill?: number[];
      boxes?: components["schemas"]["BoxToCover"][];
    };
    DecisionAnswer: {
      granted: boolean;
      decided_by: string;
      at_ms: number;
      reason: string;
      permit_until_ms: number | null;
      permitted: boolean;
    };
    DisclosuresAnswer: {
      jobs: components["schemas"]["JobAnswer"][];
      duplicates: components["schemas"]["DuplicateAnswer"][];
    };
    DoneAnswer: {
      done: boolean;
    };
    DraftAnswer: {
      state: string;
      tag: string;
      drawing: components["schemas"]["Drawing"];
      in_force: components["schemas"]["Drawing"] | null;
      version: number;
      proposed: components["schemas"]["ProposedAnswer"] | null;
      picture: components["schemas"]["DrawnPicture"] | null;
      fits: boolean;
      two_people: boolean;
      may: string[];
      trouble: string;
    };
    Drawing: {
      picture: components["schemas"]["DrawnPicture"] | null;
      margin: number;
      masks: components["schemas"]["Mask"][];
      own: components["schemas"]["OwnArea"][];
    };
    Drawn: {
      drawing: Record<string, unknown>;
    };
    DrawnPicture: {
      width: number;
      height: number;
      rotation: 0 | 90 | 180 | 270;
    };
    DueAnswer: {
      what: components["schemas"]["DueWhat"];
      due_ms: number | null;
      overdue: boolean;
      subject: string;
      case_id: string;
      hold_id: string;
    };
    DueWhat: "answer" | "report" | "permit_end" | "hold_review" | "hold_end" | "page_certificate" | "page_authority" | "broker_certificate" | "card" | "book_erasure" | "duplicate_erasure" | "standard" | "unknown";
    DuplicateAnswer: {
      duplicate_id: string;
      case_id: string;
      recipient: string;
      made_ms: number;
      kept_until_ms: number | null;
      size_bytes: number;
    };
    EnterCode: {
      code: string;
    };
    EpochAnswer: {
      epoch: number;
      start_ms: number;
      end_ms: number;
      redated: boolean;
      sealed_key: string;
      key_size: number;
      sealed_init: string;
      bound_to: string;
      signature: string;
      camera_public: string;
    };
    EraseDuplicate: {
      reason: string;
      secret: string;
    };
    EventAnswer: {
      event_id: string;
      revision: number;
      kind: string;
      start_ms: number;
      end_ms: number | null;
      trust: number;
      confidence: number;
      reason: string;
      zone: string | null;
      direction: string | null;
    };
    EventKind: "motion" | "person" | "vehicle" | "bicycle" | "animal" | "covered" | "defocused" | "blinded" | "dark" | "frozen" | "signal_lost" | "moved" | "intrusion" | "line_crossing" | "loitering" | "parked_vehicle" | "abandoned_object" | "removed_object" | "doorway" | "crowding" | "counting" | "fall" | "dumping" | "unusual" | "cloned";
    Fault: {
      code: string;
      sentence: string;
    };
    GiveAway: {
      passphrase: string;
      operator?: string;
      operator_passphrase?: string;
      obscure?: boolean;
      watermark?: string;
      recipient?: string;
    };
    GrantCase: {
      hours?: number | null;
      reason?: string;
    };
    HandOverAnswer: {
      at_ms: number;
      by: string;
      form: components["schemas"]["Want"];
      files: components["schemas"]["HandedFileAnswer"][];
      sealed_to: string;
      obscured: boolean;
      watermark: string;
      duplicate_id: string;
    };
    HandedFileAnswer: {
      name: string;
      sha256: string;
    };
    HoldAnswer: {
      hold_id: string;
      from_ms: number;
      to_ms: number;
      size_bytes: number;
      reason: string;
      decided_by: string;
      asked_by: string;
      case: string;
      note: string;
      original_ends_ms: number;
      ends_ms: number;
      review_due_ms: number;
      review_is_due: boolean;
    };
    HubStatus: {
      pid: number;
      beat_mono_ns: number;
      broker: string;
      broker_address: string;
      outbox: number;
      outbox_lost: number;
      outbox_losses: Record<string, number>;
      page: string;
      restarts: number;
      faults: components["schemas"]["Fault"][];
    };
    IdentityAnswer: {
      kind: "owner" | "operator";
      locked: string;
      recipient: string;
    };
    InForceAnswer: {
      version: number;
      mask_hash: string;
      drawn_by: string;
      confirmed_by: string;
      confirmed_ms: number;
      locked_by: string;
      masked_share: number;
    };
    InstallerAnswer: {
      opened_by: string;
      opened_for: string;
      why: string;
      left_s: number;
      entered: boolean;
      place: components["schemas"]["Place"];
      may_end: boolean;
    };
    JobAnswer: {
      case_id: string;
      state: string;
      share: number;
      what: string;
      frames: number;
      frames_seen: number;
      tracks: components["schemas"]["TrackTold"][];
      size_bytes: number;
      file_name: string;
    };
    KindAnswer: {
      kind: string;
      zone: boolean;
      line: boolean;
      everywhere: boolean;
      objects: string[];
      usual_objects: string[];
      dwell_s: number | null;
      least_dwell_s: number;
      directions: string[];
      count: boolean;
      reset: boolean;
    };
    Language: "ja" | "ko" | "en";
    LeftKey: {
      ring: string;
      epoch: number;
      sealed_key: string;
    };
    LeftKeys: {
      keys: components["schemas"]["LeftKey"][];
    };
    LockAnswer: {
      unlocked_s: number;
    };
    Mask: {
      name: string;
      reason: "neighbour" | "public_road" | "other";
      polygon: [number, number][];
    };
    MasksAnswer: {
      state: string;
      in_force: components["schemas"]["InForceAnswer"] | null;
      trouble: string;
    };
    MeAnswer: {
      name: string;
      role: string;
      left_s: number;
      signed_in_ms: number;
      session_id: string;
      way: string;
      passkeys: number;
      until_ms: number | null;
    };
    NewAccount: {
      name: string;
      role: components["schemas"]["AccountRole"];
      new_secret: string;
      days?: number | null;
      secret: string;
    };
    NewIdentity: {
      locked: string;
      recipient: string;
      secret: string;
    };
    NewPasskey: {
      label: string;
      credential: Record<string, unknown>;
    };
    NewSecret: {
      secret: string;
      new_secret: string;
    };
    NewWay: {
      secret: string;
      way: components["schemas"]["SignInWay"];
    };
    ObserverStatus: {
      pid: number;
      beat_mono_ns: number;
      frames: number;
      detector: string;
      look_ms: number;
      last_event: string;
      last_event_wall_ns: number;
      events: number;
      habits: string;
      silences: Record<string, unknown>[];
      events_silenced: number;
      restarts: number;
      faults: components["schemas"]["Fault"][];
    };
    OpenSession: {
      opened_for: string;
      why: components["schemas"]["Why"];
      minutes: number;
      secret: string;
    };
    OpenedAnswer: {
      code: string;
      left_s: number;
    };
    OrderUpdate: {
      order: "check" | "install" | "defer_day" | "defer_week" | "resume";
    };
    Outline: {
      name: string;
      reason: string;
      points: [number, number][];
    };
    OutlinesAnswer: {
      in_force: components["schemas"]["Outline"][];
      coming: components["schemas"]["Outline"][];
    };
    OwnArea: {
      name: string;
      polygon: [number, number][];
    };
    PaperAnswer: {
      kind: components["schemas"]["PaperKind"];
      titles: Record<string, string>;
      own_language: string;
      source: components["schemas"]["Source"];
      can_be_blank: boolean;
    };
    PaperKind: "inzai-1" | "inzai-2" | "gwangju-1" | "gwangju-2" | "kumamoto-1" | "kumamoto-2" | "refusal" | "answer" | "complaints" | "erasure" | "disposal" | "standard" | "sign-a4" | "sign-a5" | "sign-sticker";
    PartyAnswer: {
      name: string;
      affiliation: string;
      address: string;
      contact: string;
      representative: string;
      recipient: string;
    };
    PasskeyAnswer: {
      passkey_id: string;
      label: string;
      host: string;
      made_ms: number;
    };
    PasskeyRequest: {
      credential: Record<string, unknown>;
    };
    Place: "opener" | "installer" | "nobody";
    PlaceHold: {
      from_ms: number;
      to_ms: number;
      reason: string;
      asked_by?: string;
      case?: string;
      note?: string;
      until_ms?: number | null;
      review_days?: number;
    };
    Proof: {
      secret: string;
    };
    ProofAnswer: {
      lines: number;
      first: number;
      head_sequence: number;
      head_sha256: string;
      trouble: components["schemas"]["Trouble"] | null;
      wrong_sequence: number | null;
    };
    ProposedAnswer: {
      by: string;
      at_ms: number;
      version: number;
    };
    PutRules: {
      tag: string;
      zone?: Record<string, unknown>[];
      line?: Record<string, unknown>[];
      rule?: Record<string, unknown>[];
    };
    ReasonTold: {
      reason: string;
    };
    RecorderStatus: {
      pid: number;
      beat_mono_ns: number;
      recording: boolean;
      resting: boolean;
      resting_until_wall_ns: number;
      private: boolean;
      private_by: string;
      private_until_wall_ns: number;
      source: string;
      width: number;
      height: number;
      fps: number;
      frames: number;
      frames_dropped: number;
      encoder: string;
      bit_rate_kbps: number;
      bit_rate_limit_kbps: number;
      segments: number;
      last_commit_mono_ns: number;
      days_kept: number;
      days_owed: number;
      days_forecast: number;
      days_policy: number;
      ring_size_bytes: number;
      time_trust: string;
      mask_hash: string;
      aim: string;
      aim_right: number;
      aim_down: number;
      aim_off: number;
      aim_confirmed_by: string;
      aim_confirmed_wall_ns: number;
      last_gap_s: number;
      last_gap_cause: string;
      gaps_24h: number;
      gaps_24h_s: number;
      audio_dropped: boolean;
      wear_percent: number | null;
      medium_life: string;
      damaged_segments: number;
      holds: number;
      hold_bytes: number;
      holds_review_due: number;
      restarts: number;
      faults: components["schemas"]["Fault"][];
    };
    RefusalAnswer: {
      kind: "BadInput" | "NotAllowed" | "Unavailable" | "DataLoss" | "MediaFailing" | "Bug";
      what: string;
      do: string;
      safe: string;
      field: string;
      wait_s: number;
    };
    RefusedAnswer: {
      version: string;
      why: string;
      at_ms: number | null;
    };
    RegisterAnswer: {
      lines: components["schemas"]["RegisterLineAnswer"][];
      unreadable: number;
      earlier: number | null;
    };
    RegisterLineAnswer: {
      sequence: number;
      at_ms: number;
      trust: number;
      who: string;
      act: components["schemas"]["Act"];
      purpose: string;
      from_ms: number | null;
      to_ms: number | null;
      completes: number | null;
      detail: Record<string, string>;
    };
    Release: {
      passphrase: string;
      operator?: string;
      operator_passphrase?: string;
      recipient?: string;
    };
    ReleaseHold: {
      reason: string;
      secret: string;
    };
    RemovedAccount: {
      secret: string;
    };
    RenewCertificates: {
      authority?: boolean;
    };
    RulesAnswer: {
      tag: string;
      zone: Record<string, unknown>[];
      line: Record<string, unknown>[];
      rule: Record<string, unknown>[];
      wrong: string[];
      kinds: components["schemas"]["KindAnswer"][];
      timezone: string;
      usual_sensitivity: number;
      usual_count: number;
      most_points: number;
      most_tables: number;
    };
    SealingKind: "owner" | "shared" | "two_person";
    SectionAnswer: {
      title: string;
      paragraphs: string[];
    };
    SessionAnswer: {
      session_id: string;
      name: string;
      role: string;
      browser: string;
      system: string;
      address: string;
      since_ms: number;
      used_ms: number;
      left_s: number;
      mine: boolean;
    };
    SignInAnswer: {
      name: string;
      role: string;
      passkey: Record<string, unknown> | null;
    };
    SignInRequest: {
      name: string;
      secret: string;
    };
    SignInWay: "either" | "both" | "passkey";
    Source: "settings" | "case" | "hold" | "span";
    StandardAnswer: {
      versions: components["schemas"]["VersionOfStandard"][];
      draft: components["schemas"]["SectionAnswer"][];
      blanks: string[];
      changes: components["schemas"]["ChangeAnswer"][];
      fills: Record<string, string>;
      notice_days: number;
    };
    StatusAnswer: {
      camera_name: string;
      now_ms: number;
      condition: components["schemas"]["Condition"];
      faults: components["schemas"]["Fault"][];
      unlocked_s: number;
      installer: components["schemas"]["InstallerAnswer"] | null;
      aim: components["schemas"]["AimAnswer"] | null;
      recorder: components["schemas"]["RecorderStatus"] | null;
      observer: components["schemas"]["ObserverStatus"] | null;
      hub: components["schemas"]["HubStatus"] | null;
    };
    Step: "grant" | "refuse" | "withdraw" | "report" | "revoke" | "hand_over" | "answer" | "close";
    StretchAnswer: {
      start_ms: number;
      end_ms: number;
      private: boolean;
      gap_cause: string | null;
    };
    Sworn: {
      tag: string;
      secret: string;
    };
    Tagged: {
      tag: string;
    };
    TaggedDrawing: {
      drawing: Record<string, unknown>;
      tag: string;
    };
    TextTold: {
      text: string;
    };
    TrackTold: {
      number: number;
      kind: string;
      filled: boolean;
      first_frame: number;
      last_frame: number;
    };
    Trouble: "changed" | "missing" | "reordered" | "truncated";
    Unlock: {
      passphrase: string;
    };
    UpdatesAnswer: {
      version: string;
      takes: boolean;
      has_source: boolean;
      automatic: boolean;
      notices: boolean;
      waiting: string;
      looked_ms: number | null;
      problem: string;
      installs_ms: number | null;
      deferred_until_ms: number | null;
      last_ms: number | null;
      refused: components["schemas"]["RefusedAnswer"] | null;
      failed: components["schemas"]["RefusedAnswer"] | null;
      ordered: string;
      installing: boolean;
    };
    Use: "within" | "outside" | "provision";
    VersionAnswer: {
      version: string;
      supported_until: string;
      security_contact: string;
    };
    VersionOfStandard: {
      number: number;
      announced_ms: number;
      announced_by: string;
      in_force: string;
      reason: string;
      sha256: string;
    };
    Want: "view" | "copy" | "erase" | "existence" | "nothing";
    WelcomeAnswer: {
      camera_id: string;
      camera_name: string;
      state: "new" | "ready";
      languages: string[];
      accounts: "ready" | "none" | "broken";
      what: string;
      do: string;
    };
    Why: "masks" | "aim";
  };
}
