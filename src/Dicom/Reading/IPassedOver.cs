namespace SecureStore.Dicom;

/// <summary>A stream that does something with its bytes itself, whether or not its reader looks at them: those need not be handed out.</summary>
public interface IPassedOver
{
    /// <summary>Lets bytes pass that the reader does not look at.</summary>
    /// <param name="atMost">1 or more.</param>
    /// <returns>How many have passed; 0 at the end.</returns>
    ValueTask<int> PassOverAsync(long atMost, CancellationToken cancellation);
}
