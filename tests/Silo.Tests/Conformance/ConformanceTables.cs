using System.Globalization;
using System.Reflection;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Dimse;
using SecureStore.Silo.Search;

namespace SecureStore.Silo.Tests.Conformance;

/// <summary>The tables of docs/dicom-conformance.md, from the code that they describe.</summary>
internal static class ConformanceTables
{
    private static readonly PolicyActions[] Actions = [PolicyActions.Store, PolicyActions.Search, PolicyActions.Read];

    public static IReadOnlyDictionary<string, Func<IEnumerable<string>>> All { get; } = new Dictionary<string, Func<IEnumerable<string>>>
    {
        ["implementation"] = Implementation,
        ["services"] = () => SopClasses(isStorage: false),
        ["storage"] = () => SopClasses(isStorage: true),
        ["transfer-syntaxes"] = TransferSyntaxes,
        ["keys"] = Keys,
        ["store-statuses"] = StoreStatuses,
        ["timers"] = Timers,
    };

    private static IEnumerable<string> Implementation() =>
    [
        "| | |", "|---|---|",
        $"| Implementation Class UID | {DicomImplementation.ClassUID} |",
        $"| Implementation Version Name | {DicomImplementation.Version} |",
    ];

    /// <summary>What is accepted of all SOP classes in PS3.6, and which policy is enough for it.</summary>
    private static IEnumerable<string> SopClasses(bool isStorage) =>
    [
        .. isStorage ? (string[])["| SOP class | UID |", "|---|---|"] : ["| SOP class | UID | A peer needs the policy |", "|---|---|---|"],
        .. from uid in typeof(DicomUID).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => property.GetValue(null)).OfType<DicomUID>()
           where uid.Type is DicomUidType.SOPClass or DicomUidType.MetaSOPClass
           where Accepts(uid.UID, Actions)
           let enough = Actions.Where(action => Accepts(uid.UID, action)).ToList()
           let stores = enough.Count == 1 && enough[0] == PolicyActions.Store && uid.Name.Contains("Storage", StringComparison.Ordinal) && Accepts(uid.UID, DicomTransferSyntax.RLELossless.UID, PolicyActions.Store)
           where stores == isStorage
           orderby uid.UID.Split('.').Select(part => part.PadLeft(8)).Aggregate(string.Concat)
           let name = uid.Name + (uid.IsRetired ? " (retired)" : "")
           select isStorage ? $"| {name} | {uid.UID} |"
               : $"| {name} | {uid.UID} | {(Accepts(uid.UID) ? "none" : string.Join(" or ", enough.SelectMany(PolicyActionNames.Of).Select(action => $"`{action}`")))} |",
    ];

    private static IEnumerable<string> TransferSyntaxes() =>
    [
        "| Transfer syntax | UID | Storage | Other services |", "|---|---|---|---|",
        .. from syntax in DicomTransferSyntax.All
           orderby syntax.UID.Split('.').Select(part => part.PadLeft(8)).Aggregate(string.Concat)
           let storage = Accepts(DicomUID.CTImageStorage.UID, syntax.UID, PolicyActions.Store)
           let other = Accepts(DicomUID.StudyRootQueryRetrieveInformationModelFind.UID, syntax.UID, PolicyActions.Search)
           select $"| {syntax.Name}{(syntax.IsRetired && !syntax.Name.Contains("etired", StringComparison.Ordinal) ? " (retired)" : "")} | {syntax.UID} | {Yes(storage)} | {Yes(other)} |",
    ];

    private static IEnumerable<string> Keys()
    {
        var levels = Enum.GetValues<QueryLevel>();
        return
        [
            "| Attribute | Tag | VR | Study | Series | Instance |", "|---|---|---|---|---|---|",
            .. from tag in SearchFields.All(QueryLevel.Instance)
               orderby tag.ToString()
               let entry = DicomDictionary.Find(tag)
               select $"| {entry?.Name} | ({tag.Group:X4},{tag.Element:X4}) | {DicomDictionary.VRFor(tag).Code} | {string.Join(" | ", levels.Select(level => Key(level, tag)))} |",
        ];
    }

    /// <summary>M: matched and returned; R: returned; bold: returned unasked by QIDO-RS.</summary>
    private static string Key(QueryLevel level, DicomTag tag)
    {
        if (!SearchFields.All(level).Contains(tag))
        {
            return "";
        }

        var key = SearchFields.CanMatch(level, tag) ? "M" : "R";
        return SearchFields.Required(level, studyIsNamed: false, seriesIsNamed: false).Contains(tag) ? $"**{key}**" : key;
    }

    private static IEnumerable<string> StoreStatuses() =>
    [
        "| Outcome | Status |", "|---|---|",
        .. Enum.GetValues<StoreStatus>().Where(status => status != StoreStatus.Received)
            .Select(status => $"| {status} | {DimseStatuses.Of(status).ToString("X4", CultureInfo.InvariantCulture)} |"),
    ];

    private static IEnumerable<string> Timers()
    {
        var limits = new DicomNetworkLimits();
        return
        [
            "| | |", "|---|---|",
            $"| ARTIM timer | {limits.Association.TotalSeconds} s |",
            $"| between two messages (`Dimse:IdleTimeout`) | {limits.Idle.TotalSeconds} s |",
            $"| within a message, for the next bytes | {limits.Stall.TotalSeconds} s |",
            $"| maximum length received | {limits.MaximumPDULength} bytes |",
            $"| A-ASSOCIATE-RQ | at most {limits.MaxAssociationPdu} bytes |",
            "| asynchronous operations window | 1, 1 |",
        ];
    }

    private static bool Accepts(string sopClass, params PolicyActions[] allowed) =>
        Accepts(sopClass, DicomTransferSyntax.ExplicitVRLittleEndian.UID, allowed);

    private static bool Accepts(string sopClass, string syntax, params PolicyActions[] allowed)
    {
        var context = new DicomPresentationContext(1, sopClass, [syntax]);
        var association = new DicomAssociation { CalledAE = "A", CallingAE = "B", PresentationContexts = [context] };
        DimseContexts.Negotiate(association, allowed.Contains, acceptUnknown: false);
        return context.Result == DicomPresentationContextResult.Accept;
    }

    private static string Yes(bool isSo) => isSo ? "yes" : "";
}
