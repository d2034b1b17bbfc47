//! The registry of diagnostic codes. A released number is never reused.
//!
//! Blocks: `VS00` input, `VS01` YAML, `VS02` rule attributes and documents, `VS03` detections and
//! values, `VS04` modifiers, `VS05` conditions, `VS06` targets and emission, `VS07` pipelines,
//! `VS08` backend files, `VS09` pages and catalogs, `VS10` projects, `VS11` what `lint` finds,
//! `VS12` correlations and filters.
//!
//! A code is one line here and a page `explain/<number>.md`: the reason, a short example of the
//! mistake and of its correction, what to do.

/// The number in `VS0301`.
const fn digits(number: &str) -> u16 {
    let (bytes, mut at, mut value) = (number.as_bytes(), 2, 0);
    while at < bytes.len() {
        value = value * 10 + (bytes[at] - b'0') as u16;
        at += 1;
    }
    value
}

macro_rules! codes {
    ($($variant:ident = $number:literal, $title:literal;)*) => {
        /// A diagnostic's entry in the registry. As an integer it is its number: 301 for `VS0301`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Code {
            $(#[doc = concat!("`", $number, "`: ", $title, ".")] $variant = digits($number),)*
        }

        impl Code {
            /// Every code, in order of number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number as users see it: `VS0301`.
            #[must_use]
            pub const fn number(self) -> &'static str {
                match self { $(Self::$variant => $number,)* }
            }

            /// What it is about, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// The reason, with an example and what to do: Markdown.
            #[must_use]
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("explain/", $number, ".md")),)* }
            }
        }
    };
}

codes! {
    // ---- VS00: input -------------------------------------------------------------------------

    Unreadable = "VS0001", "file can't be read";
    NotUtf8 = "VS0002", "file is not UTF-8 text";
    Internal = "VS0003", "varsigma failed on a rule";
    SameOutput = "VS0004", "two rules would be written to one file";
    Unwritable = "VS0005", "output can't be written";
    UnknownCode = "VS0006", "unknown diagnostic code";
    NoThreads = "VS0007", "no threads available";
    NoRules = "VS0008", "folder has no rule files";
    LeadsOut = "VS0009", "file is outside the folder";
    PassedOver = "VS0010", "folder or file is not read";
    TooManyMessages = "VS0011", "more messages about a file than are shown";

    // ---- VS01: YAML --------------------------------------------------------------------------

    YamlSyntax = "VS0101", "YAML can't be read";
    DuplicateKey = "VS0102", "key written twice";
    KeyNotScalar = "VS0103", "key is not a name";
    ForeignTag = "VS0104", "tag without a meaning";
    TagValue = "VS0105", "value does not fit its tag";
    MergeValue = "VS0106", "merge of a value that is not a map";
    RecursiveAlias = "VS0107", "alias inside what it names";
    SpecialValue = "VS0108", "value that YAML 1.1 reserves";
    YamlTooDeep = "VS0109", "YAML nested too deeply";
    YamlTooLarge = "VS0110", "YAML too large";

    // ---- VS02: documents and attributes ------------------------------------------------------

    NotARule = "VS0201", "not a Sigma rule";
    MissingAttribute = "VS0202", "required attribute is missing";
    AttributeType = "VS0203", "attribute has the wrong type";
    InvalidAttribute = "VS0204", "attribute has an unexpected value";
    EmptyLogSource = "VS0205", "log source names no log";
    CollectionAction = "VS0208", "unknown or misplaced action";
    EmptyFile = "VS0209", "file holds no rule";

    // ---- VS03: detections and values ---------------------------------------------------------

    DetectionShape = "VS0301", "detection has the wrong shape";
    EmptyDetection = "VS0302", "detection is empty";
    ValueShape = "VS0303", "value has the wrong shape";
    InvalidNumber = "VS0304", "number can't be represented";
    KeyShape = "VS0305", "field name has the wrong shape";

    InvalidRegex = "VS0330", "regular expression can't be read";

    // ---- VS04: modifiers ---------------------------------------------------------------------

    UnknownModifier = "VS0401", "unknown modifier";
    ModifierOrder = "VS0402", "modifiers can't be combined";
    ModifierValue = "VS0403", "value doesn't suit the modifier";
    InvalidNetwork = "VS0404", "network can't be read";
    NotText = "VS0405", "encoded value is not text";
    TooManyAlternatives = "VS0406", "value expands to too many alternatives";
    EncodedWildcard = "VS0407", "wildcard in an encoded value";
    AllOfOne = "VS0408", "`all` with a single value";
    ValueTooLarge = "VS0409", "value grows too large";
    AffixOfKeyword = "VS0410", "keyword with a beginning or an end";
    ModifierExtent = "VS0411", "modifiers make too many values";

    // ---- VS05: conditions --------------------------------------------------------------------

    ConditionSyntax = "VS0501", "condition can't be read";
    UnknownDetection = "VS0502", "condition names no detection";
    EmptySelector = "VS0503", "selector matches no detection";
    SelectorCount = "VS0504", "selector counts detections";
    ConditionTooLarge = "VS0505", "condition is too large";
    NearAggregation = "VS0506", "`near` can't be converted";
    DeprecatedAggregation = "VS0507", "aggregation in a condition";
    AggregationUnsupported = "VS0508", "pipe in a condition";
    ConditionExtent = "VS0509", "condition is too large when expanded";
    EventsExtent = "VS0510", "rule is too large to make events for";

    // ---- VS06: targets and emission ----------------------------------------------------------

    UnknownTarget = "VS0601", "unknown target";
    UnknownProfile = "VS0602", "target has no such profile";
    UnknownFormat = "VS0603", "unknown format";
    UnknownOption = "VS0604", "unknown option or value";
    Unsayable = "VS0605", "target can't express the test";
    Placeholder = "VS0606", "placeholder is not filled in";
    NothingLeft = "VS0607", "nothing is left of the rule";
    NotExact = "VS0608", "query is not exact";
    ReferenceFault = "VS0609", "query repeats a fault of the reference";
    StaticWindow = "VS0610", "aggregation uses a static window";
    MissingState = "VS0611", "format needs a key that no pipeline set";
    TooManyClauses = "VS0612", "query has more clauses than some engines take";
    TooDeep = "VS0614", "query is deeper than some engines take";
    RawControls = "VS0615", "query contains raw control characters";
    TooLong = "VS0617", "query is longer than the engine takes";

    RegexUnsupported = "VS0630", "engine can't express the regular expression";

    // ---- VS07: pipelines ---------------------------------------------------------------------

    UnknownPipeline = "VS0701", "unknown pipeline";
    PipelineShape = "VS0702", "pipeline has the wrong shape";
    PipelineKey = "VS0703", "unknown key in a pipeline";
    PipelineKeyMissing = "VS0704", "key missing in a pipeline";
    PipelineValue = "VS0705", "wrong value in a pipeline";
    UnknownTransformation = "VS0706", "unknown transformation";
    UnknownCondition = "VS0707", "unknown pipeline condition";
    UnknownOutputStep = "VS0708", "unknown postprocessing item or finalizer";
    PipelineRegex = "VS0709", "regular expression of a pipeline can't be read";
    ConditionExpression = "VS0710", "condition expression can't be read";
    PipelineTemplate = "VS0711", "template of a pipeline can't be used";
    PipelineTarget = "VS0712", "pipeline is not for this target";
    PipelineAccess = "VS0713", "pipeline needs access that is not allowed";
    ExternalSource = "VS0714", "source of placeholder values fails";
    PlaceholderValue = "VS0715", "placeholder can't be replaced";
    PipelineRefusal = "VS0716", "pipeline refuses the rule";
    TransformationFailed = "VS0717", "transformation can't be applied to the rule";
    PipelineComparison = "VS0718", "pipeline compares what can't be compared";
    PipelineQuery = "VS0719", "pipeline can't change this query";
    PipelineBudget = "VS0720", "pipeline exceeds its budget";
    LogSourceUnmapped = "VS0723", "no pipeline condition covers the log source";
    NoEffect = "VS0724", "part of a pipeline has no effect";
    NeverHolds = "VS0725", "condition of a pipeline never holds";
    RepeatedItemId = "VS0726", "two items of a pipeline have one id";

    // ---- VS08: backend files -----------------------------------------------------------------

    BackendSyntax = "VS0801", "backend file can't be read";
    BackendKey = "VS0802", "backend file has a wrong key or value";
    BackendTemplate = "VS0803", "template of a backend file can't be read";

    // ---- VS09: pages and catalogs ----------------------------------------------------------

    Catalog = "VS0901", "catalog can't be read";
    PageTemplate = "VS0902", "page template can't be rendered";
    UnknownEnrichment = "VS0903", "unknown enrichment";

    // ---- VS10: projects and events -----------------------------------------------------------

    Events = "VS1001", "events can't be read";
    EngineFailed = "VS1002", "engine can't run the query";
    EngineDiffers = "VS1003", "engine's answer differs from the rule's meaning";
    NoEvents = "VS1004", "file has no events";
    WitnessDiffers = "VS1005", "witness has a wrong answer";
    Untestable = "VS1010", "value has no meaning for a single event";
    ProjectSyntax = "VS1011", "project file can't be read";
    ProjectKey = "VS1012", "project file has a wrong key or value";
    NoProject = "VS1013", "no project here";
    OutputPath = "VS1014", "path of an output can't be built";
    LockUnreadable = "VS1015", "lock can't be read";
    ForeignOutput = "VS1016", "file in the place of an output";
    EditedOutput = "VS1017", "output was edited by hand";
    MostRemoved = "VS1018", "most outputs would be removed";
    UnprovenOutput = "VS1019", "lock names a file that no build writes";
    StaleOutput = "VS1020", "output is stale";
    MissingOutput = "VS1021", "output is missing";
    OrphanedOutput = "VS1022", "output without a rule";
    StaleLock = "VS1023", "lock is stale";
    Refused = "VS1024", "rule without an output";
    AnotherBuild = "VS1025", "another build is at work";
    UnknownInputFormat = "VS1026", "format of events can't be told";
    OversizedRecord = "VS1027", "record of events is too large";
    BrokenCompression = "VS1028", "compressed stream is broken";
    LeftOut = "VS1029", "files of a folder are left out";

    GitMissing = "VS1040", "git can't be run";
    NoRepository = "VS1041", "no git repository here";
    UnknownRevision = "VS1042", "revision can't be found";
    GitFailed = "VS1043", "git failed";
    NoWorkingTree = "VS1044", "repository without files";
    Comparison = "VS1045", "there is nothing to compare with";
    GitRefuses = "VS1046", "git refuses the repository";
    EventLogSource = "VS1047", "log source of events can't be read";
    TestFile = "VS1048", "tests of a rule can't be read";
    TestedRule = "VS1049", "test is for a rule that is not there";
    UnnoticedChange = "VS1050", "no test notices a change of the rule";

    // ---- VS11: what `lint` finds ----------------------------------------------------------------

    MissingMetadata = "VS1101", "attribute that SigmaHQ asks for is missing";
    MisspeltAttribute = "VS1102", "attribute that resembles a standard one";
    TitleStyle = "VS1103", "title does not follow the convention";
    Dates = "VS1104", "dates contradict or are not ISO 8601";
    NotAList = "VS1105", "text where a list belongs";
    RepeatedEntry = "VS1106", "entry written twice";
    RepeatedId = "VS1107", "id of another rule";
    UnknownTag = "VS1108", "unknown tag";
    OldTechnique = "VS1109", "technique that ATT&CK revoked or deprecated";
    UnusedDetection = "VS1110", "detection that no condition uses";
    SelectorOfOne = "VS1111", "selector over a single detection";
    FilterName = "VS1112", "excluded detection is not named as a filter";
    UnusableName = "VS1113", "detection that no condition can name";
    ModifierInName = "VS1114", "modifier in a field's name";
    InvisibleCharacter = "VS1115", "name with an invisible character";
    NeedlessWildcard = "VS1116", "wildcard that a modifier already adds";
    WildcardForModifier = "VS1117", "wildcard in place of a modifier";
    RepeatedValue = "VS1118", "value written twice";
    TypographicQuotes = "VS1119", "typographic quotes";
    ControlCharacter = "VS1120", "escape that is probably part of a path";
    CutByComment = "VS1121", "comment that cuts a value";
    FieldInKeyword = "VS1122", "keyword that looks like a field";
    PlainRegex = "VS1123", "regular expression without metacharacters";
    UnknownLogSource = "VS1124", "log source that resembles a known one";
    MisspeltField = "VS1125", "field that resembles one of the log source";
    CutByAnchor = "VS1126", "anchor or tag that cuts a value";
    NullInList = "VS1127", "null among the values of a list";
    EscapeInText = "VS1128", "escape that only double quotes interpret";
    InvisibleInValue = "VS1129", "value with an invisible character";
    WideWithoutBase64 = "VS1130", "UTF-16 text without Base64";
    AllOfList = "VS1131", "`all of` a single list";
    UpperCaseOperator = "VS1132", "operator in upper case";
    OperatorInValue = "VS1133", "text that looks like an operator";
    EmptyAffix = "VS1134", "modifier with an empty text";
    NamesByCase = "VS1135", "detections whose names differ by case alone";
    ConstantCondition = "VS1136", "part of a condition with a constant result";
    NeverFires = "VS1137", "condition of a correlation that never holds";
    FiresAtOnce = "VS1138", "condition of a correlation that holds at the first event";
    RepeatedName = "VS1139", "rule or field of a correlation written twice";
    CountsTuples = "VS1140", "several fields are counted together";
    FilterWithoutNot = "VS1141", "filter that excludes nothing by `not`";
    RewrittenNumber = "VS1142", "number that is not written as it is read";
    AllOfWholeValues = "VS1143", "`all` of whole values";
    OffsetWithoutContains = "VS1144", "`base64offset` without `contains`";
    WildcardsInRow = "VS1145", "several `*` in a row";
    HashLength = "VS1146", "hash of another length than its algorithm's";
    TagForm = "VS1147", "tag that its namespace does not have";
    AllOfThem = "VS1148", "`all of them`";
    BlankInField = "VS1149", "field's name with a blank in it";

    UnusedFilter = "VS1150", "filter that no rule uses";
    SwallowingFilter = "VS1151", "filter that leaves nothing of a rule";
    AllOfSysmon = "VS1152", "rule for all of Sysmon's events";

    // ---- VS12: correlations and filters ---------------------------------------------------------

    CorrelationKey = "VS1201", "unknown key of a correlation";
    CorrelationKind = "VS1202", "unknown type of correlation";
    NoReferences = "VS1203", "correlation or filter names no rules";
    Timespan = "VS1204", "time span can't be read";
    CorrelationOperator = "VS1205", "condition of a correlation has no known operator";
    CorrelationNumber = "VS1206", "threshold is not a number";
    ConditionOfType = "VS1207", "condition doesn't suit the type of correlation";
    Percentile = "VS1208", "percentile is missing or out of range";
    NoEffectOnCorrelation = "VS1209", "part of a correlation has no effect";
    UnlistedRule = "VS1210", "condition names a rule that is not listed";
    UnusedRule = "VS1211", "listed rule that the condition does not use";
    NegationAlone = "VS1212", "condition holds without any event";
    AliasField = "VS1213", "alias without a field for a rule";
    UnusedAlias = "VS1214", "alias that nothing uses";
    TwoKinds = "VS1215", "document is of two kinds";
    FilterCondition = "VS1216", "condition of a filter is not one expression";
    AnyInList = "VS1217", "`any` in a list of rules";
    RuleSelector = "VS1218", "selector over rules";
    FilterReference = "VS1231", "filter names a rule that is not there";
    FilterOnCorrelation = "VS1232", "filter names a correlation rule";
    FilterRefused = "VS1233", "filter can't be joined to its rules";
    NoFilter = "VS1234", "file of filters has none";
    UnknownReference = "VS1251", "no rule of that name or id";
    AmbiguousReference = "VS1252", "several rules of that name or id";
    CircularReference = "VS1253", "correlation refers to itself";
    FailedReference = "VS1254", "a rule that the correlation needs has an error";
    CorrelationUnsayable = "VS1256", "target can't say the correlation";
    SeveralFields = "VS1257", "a field of the correlation stands for several";
    CorrelationOption = "VS1258", "correlation needs an option";
    EventsWithoutTime = "VS1271", "events without a time are in no window";
    EventsWithoutGroup = "VS1272", "events without a group's value are in no window";
    InnerFirings = "VS1273", "correlation is made of too many firings";
    UntestableReference = "VS1274", "a rule of the correlation can't be tested";
    NoSequence = "VS1275", "no sequence of events on which the correlation fires";
    NoChosenRule = "VS1276", "no rule is left";

    // ---- VS13: schemas --------------------------------------------------------------------------

    UnreadableSchema = "VS1301", "schema can't be read";
    NoColumns = "VS1302", "schema has no columns";
    UnknownColumn = "VS1303", "field that the schema lacks";
    UnknownTable = "VS1304", "table that the schema lacks";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.number())
    }
}

impl Code {
    /// Is the rule valid, but refused by the target or the program?
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::Unsayable
                | Self::Placeholder
                | Self::NotExact
                | Self::RegexUnsupported
                | Self::PipelineRefusal
                | Self::AggregationUnsupported
                | Self::CorrelationUnsayable
                | Self::CorrelationOption
        )
    }

    /// The code of that number, in any case, with or without leading zeros (`vs0301`, `301`).
    #[must_use]
    pub fn from_number(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches(['v', 'V', 's', 'S']);
        let wanted: u32 = digits.parse().ok()?;
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.number()[2..].parse() == Ok(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_ascend() {
        assert!(Code::ALL.is_sorted_by(|a, b| a.number() < b.number()));
    }

    #[test]
    fn every_explanation_is_a_page_of_its_own() {
        for &code in Code::ALL {
            let text = code.explanation().trim();
            assert!(text.ends_with(['.', '`']), "{code}: no full text");
            assert!(
                !text.starts_with('#'),
                "{code}: the title is in the registry"
            );
        }
    }

    #[test]
    fn every_page_belongs_to_a_code() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnostic/explain");
        for entry in std::fs::read_dir(folder).expect("the folder is in the repository") {
            let name = entry.expect("readable").file_name();
            let name = name.to_str().expect("ASCII").strip_suffix(".md");
            assert!(
                name.is_some_and(|n| Code::ALL.iter().any(|code| code.number() == n)),
                "{name:?}"
            );
        }
    }

    #[test]
    fn a_code_is_found_by_its_number() {
        for &code in Code::ALL {
            assert_eq!(Code::from_number(code.number()), Some(code));
        }
        assert_eq!(Code::from_number("101"), Some(Code::YamlSyntax));
        assert_eq!(Code::from_number("nonsense"), None);
    }
}
