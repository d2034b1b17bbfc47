#!/usr/bin/env python3
"""Make kusto.tsv, the columns of Microsoft's tables, from what Microsoft publishes.

usage: backends/schemas/make.py AZURE_REFERENCE AZURE_SENTINEL

AZURE_REFERENCE is a clone of github.com/MicrosoftDocs/azure-reference-other, with its history: the
pages of Azure Monitor's tables are those of the commit COMMIT. AZURE_SENTINEL is a clone of
github.com/Azure/Azure-Sentinel, whose ASIM/dev/ASimTester/ASimTester.csv has the columns of ASIM's
schemas. newer.txt adds what the pages of Defender's advanced hunting have besides.
"""

import csv
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

# The last commit of Azure Monitor's table reference in that repository.
COMMIT = "bea53845fef94ad4f1887d306e6618a34efefc01"
PAGES = "azure-monitor-ref/tables/includes"

# Tables that rules are written for: those of Defender, of Sentinel and of its connectors.
TABLES = """
AADManagedIdentitySignInLogs AADNonInteractiveUserSignInLogs AADProvisioningLogs AADRiskyServicePrincipals
AADRiskyUsers AADServicePrincipalRiskEvents AADServicePrincipalSignInLogs AADUserRiskEvents AKSAudit
AKSAuditAdmin AlertEvidence AlertInfo AppServiceHTTPLogs AuditLogs AWSCloudTrail AWSCloudWatch
AWSGuardDuty AWSVPCFlow AZFWApplicationRule AZFWDnsQuery AZFWIdpsSignature AZFWNetworkRule AZFWThreatIntel
AzureActivity AzureDiagnostics BehaviorAnalytics CloudAppEvents CommonSecurityLog ConfigurationChange
ContainerLogV2 DeviceEvents DeviceFileCertificateInfo DeviceFileEvents DeviceImageLoadEvents DeviceInfo
DeviceLogonEvents DeviceNetworkEvents DeviceNetworkInfo DeviceProcessEvents DeviceRegistryEvents
DeviceTvmSecureConfigurationAssessment DeviceTvmSecureConfigurationAssessmentKB DeviceTvmSoftwareInventory
DeviceTvmSoftwareVulnerabilities DeviceTvmSoftwareVulnerabilitiesKB DnsAuditEvents DnsEvents DnsInventory
EmailAttachmentInfo EmailEvents EmailPostDeliveryEvents EmailUrlInfo Event GCPAuditLogs
IdentityDirectoryEvents IdentityInfo IdentityLogonEvents IdentityQueryEvents IntuneAuditLogs KubeEvents
MicrosoftGraphActivityLogs OfficeActivity PowerBIActivity ProtectionStatus SecurityAlert SecurityEvent
SecurityIncident SigninLogs SqlSecurityAuditEvents StorageBlobLogs StorageFileLogs Syslog
ThreatIntelligenceIndicator UrlClickEvents W3CIISLog WindowsEvent WindowsFirewall
""".split()

# ASIM's parsers, the schema of ASIM that each returns and the table that holds events of it.
PARSERS = {
    "AuditEvent": ("AuditEvent", "ASimAuditEventLogs", "_Im_AuditEvent imAuditEvent"),
    "Authentication": ("Authentication", "ASimAuthenticationEventLogs", "_Im_Authentication imAuthentication"),
    "DhcpEvent": ("DhcpEvent", "ASimDhcpEventLogs", "_Im_DhcpEvent"),
    "Dns": ("Dns", "ASimDnsActivityLogs", "_Im_Dns imDns"),
    "FileEvent": ("FileEvent", "ASimFileEventLogs", "_Im_FileEvent imFileEvent"),
    "NetworkSession": ("NetworkSession", "ASimNetworkSessionLogs", "_Im_NetworkSession imNetworkSession"),
    "ProcessEvent": ("ProcessEvent", "ASimProcessEventLogs",
                     "_Im_ProcessEvent _Im_ProcessCreate imProcess imProcessCreate"),
    "RegistryEvent": ("RegistryEvent", "ASimRegistryEventLogs", "_Im_RegistryEvent imRegistry"),
    "UserManagement": ("UserManagement", "ASimUserManagementActivityLogs", "_Im_UserManagement imUserManagement"),
    "WebSession": ("WebSession", "ASimWebSessionLogs", "_Im_WebSession imWebSession"),
}

TYPES = {"sting": "string", "boolean": "bool", "date": "datetime", "double": "real", "decimal": "decimal", "uniqueidentifier": "guid"}
ROW = re.compile(r"^\|\s*`?\s*(\w+)\s*`?\s*\|\s*`?(\w+)`?\s*\|")

# What is said of the storage of a record, and of its costs, in every table of Azure Monitor.
EVERYWHERE = {"_BilledSize", "_IsBillable"}


def show(repository, commit, path):
    done = subprocess.run(["git", "-C", repository, "show", f"{commit}:{path}"], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def columns(page):
    """The columns of a page's table, and their types."""
    found = (ROW.match(line) for line in page.splitlines())
    return {m[1]: TYPES.get(m[2].lower(), m[2].lower()) for m in found if m and m[1] != "Column"}


def azure_monitor(repository, table):
    page = show(repository, COMMIT, f"{PAGES}/{table.lower()}-include.md")
    if page is None:
        sys.exit(f"{PAGES}: no page for {table}")
    return {name: kind for name, kind in columns(page).items() if name not in EVERYWHERE}


def asim(repository):
    """The columns of each of ASIM's schemas."""
    text = show(repository, "HEAD", "ASIM/dev/ASimTester/ASimTester.csv")
    schemas = {}
    for row in csv.DictReader(text.splitlines()):
        kind = row["ColumnType"].strip().lower()
        schemas.setdefault(row["Schema"], {})[row["ColumnName"].strip()] = TYPES.get(kind, kind)
    return schemas


def newer():
    """What newer.txt adds; a line `Table =Other` gives a table the columns of another."""
    tables = {}
    for line in (HERE / "newer.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        table, column, *kind = line.split("\t")
        known = tables.setdefault(table, {})
        if column.startswith("="):
            known.update(tables[column[1:]])
        else:
            known[column] = kind[0]
    return tables


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    reference, sentinel = sys.argv[1:]
    tables = {table: azure_monitor(reference, table) for table in TABLES}
    schemas = asim(sentinel)
    for schema, stored, parsers in PARSERS.values():
        tables[stored] = azure_monitor(reference, stored)
        for parser in parsers.split():
            tables[parser] = schemas["Common"] | schemas[schema] | tables[stored]
    for table, added in newer().items():
        tables[table] = tables.get(table, {}) | added
    lines = [
        "# Tables, columns and types that Kusto queries meet in Microsoft Sentinel and Defender: facts taken",
        "# by make.py from Microsoft's documentation (CC-BY-4.0) and Azure-Sentinel (MIT); see README.md.",
    ]
    # Tables that share the columns of a type are named together.
    having = {}
    for table in sorted(tables, key=str.lower):
        known = tables[table]
        typed = {}
        for name in sorted(known, key=str.lower):
            typed.setdefault(known[name], []).append(name)
        for kind, names in typed.items():
            having.setdefault((kind, " ".join(names)), []).append(table)
    lines += [f"{' '.join(own)}\t{kind}\t{names}" for (kind, names), own in having.items()]
    (HERE / "kusto.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    print(f"kusto.tsv: {len(tables)} tables, {sum(map(len, tables.values()))} columns")


main()
