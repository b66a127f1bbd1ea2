using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Storage;

/// <summary>The study has another owner by now; nothing was committed.</summary>
public sealed class StudyFencedException(StudyHandle study) : Exception($"Study {study} has another owner.");
