using System.Collections.Frozen;

namespace SecureStore.Grains.Policy;

/// <summary>The codes of HL7's value set PurposeOfUse (2.16.840.1.113883.1.11.20448, code system v3-ActReason).</summary>
public static class PurposeOfUse
{
    public const string Treatment = "TREAT";

    public const string EmergencyTreatment = "ETREAT";

    public const string Research = "HRESCH";

    public const string Operations = "HOPERAT";

    public const string PatientRequest = "PATRQT";

    private static readonly FrozenSet<string> Codes = new[]
    {
        "TREAT", "CLINTRL", "COC", "ETREAT", "BTG", "ERTREAT", "POPHLTH",
        "HPAYMT", "CLMATTCH", "COVAUTH", "COVERAGE", "ELIGDTRM", "ELIGVER", "ENROLLM", "MILDCRG", "REMITADV",
        "HOPERAT", "CAREMGT", "DONAT", "FRAUD", "GOV", "HACCRED", "HCOMPL", "HDECD", "HDIRECT", "HDM", "HLEGAL",
        "HOUTCOMS", "HPRGRP", "HQUALIMP", "HSYSADMIN", "LABELING", "METAMGT", "MEMADMIN", "MILCDM", "PATADMIN",
        "PATSFTY", "PERFMSR", "RECORDMGT", "SYSDEV", "HTEST", "TRAIN",
        "HMARKT",
        "HRESCH", "BIORCH", "CLINTRCH", "CLINTRCHNPC", "CLINTRCHPC", "PRECLINTRCH", "DSRCH", "POARCH", "TRANSRCH",
        "PATRQT", "FAMRQT", "PWATRNY", "SUPNWK",
        "PUBHLTH", "DISASTER", "THREAT",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether the code is in the value set; codes are upper case.</summary>
    public static bool IsKnown(string code) => Codes.Contains(code);
}
