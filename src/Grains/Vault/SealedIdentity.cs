using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>The identity in a patient's row, sealed under the patient's key.</summary>
internal static class SealedIdentity
{
    public static VaultRow Put(VaultRow patient, SecretKey patientKey, PatientIdentity identity) =>
        patient with { Sealed = RowSealer.Seal(patientKey, Context(patient), IdentityBytes.Encode(identity)) };

    /// <exception cref="VaultIntegrityException">The row is damaged or stands in another's place.</exception>
    public static PatientIdentity Get(VaultRow patient, SecretKey patientKey) =>
        IdentityBytes.Decode(RowSealer.Open(patientKey, Context(patient), patient.Sealed));

    private static byte[] Context(VaultRow patient) => RowContext.Of("patient identity", patient.Id);
}
