// Rules to begin with. Each has events for the tab *events* and an earlier version for *diff*.

export interface Sample {
  name: string;
  rule: string;
  events: string;
  before: string;
}

const shell = (images: string) => `title: Shell of a web server
id: 5e7b7a52-4a0b-4b1c-9d0a-2f7c1b1a8f10
status: experimental
description: A web server starts a command interpreter, as web shells make it do.
author: Playground
date: 2026-01-15
tags:
  - attack.persistence
  - attack.t1505.003
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    ParentImage|endswith:
      - '\\w3wp.exe'
      - '\\httpd.exe'
      - '\\nginx.exe'
    Image|endswith:
${images}
  filter_health:
    CommandLine|contains: 'health?check'
  condition: selection and not filter_health
falsepositives:
  - Scripts of an administrator
level: high
`;

const both = "      - '\\cmd.exe'\n      - '\\powershell.exe'\n      - '\\pwsh.exe'";
const one = "      - '\\cmd.exe'\n      - '\\powershell.exe'";

const tools = (more = "") => `title: Tools for privilege escalation on Linux
status: test
logsource:
  product: linux
detection:
  keywords:
    - linpeas.sh
${more}  condition: keywords
level: medium
`;

const encoded = (networks: string) => `title: Encoded command from outside
status: test
logsource:
  category: process_creation
  product: windows
detection:
  command:
    CommandLine|re|i: '\\s-e(nc|ncodedcommand)?\\s+[A-Za-z0-9+/=]{40,}'
  outside:
    SourceIp|cidr:${networks}
  condition: command and not outside
level: high
`;

const logons = (count: number) => `title: Failed logon
name: failed_logon
status: test
logsource:
  product: windows
  service: security
detection:
  selection:
    EventID: 4625
  condition: selection
level: low
---
title: Many failed logons of one user
status: test
correlation:
  type: event_count
  rules:
    - failed_logon
  group-by:
    - TargetUserName
  timespan: 5m
  condition:
    gte: ${count}
level: high
`;

const json = (...events: object[]) => events.map((event) => JSON.stringify(event, null, 2)).join("\n");

export const SAMPLES: [Sample, ...Sample[]] = [
  {
    name: "Shell of a web server",
    rule: shell(both),
    before: shell(one),
    events: json(
      {
        EventID: 1,
        Image: "C:\\Windows\\System32\\cmd.exe",
        CommandLine: "cmd.exe /c whoami /all",
        ParentImage: "C:\\Windows\\System32\\inetsrv\\w3wp.exe",
        User: "IIS APPPOOL\\shop",
      },
      {
        EventID: 1,
        Image: "C:\\Windows\\System32\\cmd.exe",
        CommandLine: "cmd.exe /c health-check.bat",
        ParentImage: "C:\\Windows\\System32\\inetsrv\\w3wp.exe",
        User: "IIS APPPOOL\\shop",
      },
    ),
  },
  {
    name: "Keywords of a log",
    rule: tools("    - 'linux?exploit?suggester'\n    - '/tmp/.*/pspy'\n"),
    before: tools(),
    events: json({ message: "sudo: www-data : COMMAND=/bin/sh ./linpeas.sh -a" }, { message: "cron: session opened for root" }),
  },
  {
    name: "Regular expressions and networks",
    rule: encoded("\n      - 10.0.0.0/8\n      - 192.168.0.0/16"),
    before: encoded(" 10.0.0.0/8"),
    events: json({
      CommandLine: "powershell.exe -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcA",
      SourceIp: "203.0.113.9",
    }),
  },
  {
    name: "Correlation: many failed logons",
    rule: logons(10),
    before: logons(20),
    events: json({ EventID: 4625, TargetUserName: "ann" }),
  },
  {
    name: "A rule with mistakes",
    rule: `title: Mistakes
status: experimentl
logsource:
  category: proces_creation
  product: windows
detection:
  selection:
    Imgae|endswth: '\\cmd.exe'
    CommandLine|contains: whoami
  condition: selection and filter
level: high
`,
    before: "",
    events: json({ Image: "C:\\cmd.exe", CommandLine: "whoami" }),
  },
];
