namespace SecureStore.Codecs.Protocol;

/// <summary>VOI LUT Function (0028,1056) (PS3.3 C.11.2.1.2, C.11.2.1.3).</summary>
public enum WindowFunction : byte
{
    Linear = 0,
    LinearExact = 1,
    Sigmoid = 2,
}

/// <summary>A window of what the modality transform gives.</summary>
/// <param name="Center">Finite.</param>
/// <param name="Width">Finite; 1 or more, or with another function than <see cref="WindowFunction.Linear"/> more than 0.</param>
/// <param name="Function">How values turn into grey.</param>
public readonly record struct Window(double Center, double Width, WindowFunction Function = WindowFunction.Linear)
{
    /// <summary>False for a width or a number that PS3.3 C.11.2.1.2 does not allow.</summary>
    public bool IsPossible =>
        double.IsFinite(Center) && double.IsFinite(Width) && (Function == WindowFunction.Linear ? Width >= 1 : Width > 0) && Function <= WindowFunction.Sigmoid;
}
