using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Vault;

/// <summary>The study has its key under another patient's.</summary>
public sealed class OtherPatientsStudyException(StudyHandle study) : Exception($"Study {study} is another patient's.");
