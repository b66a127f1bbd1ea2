using SecureStore.Grains.Patients;

namespace SecureStore.Grains.Vault;

/// <summary>The patient's last study was destroyed, and the patient with it. Look the identity up again.</summary>
public sealed class PatientGoneException(PatientHandle patient) : Exception($"Patient {patient} is gone.");
