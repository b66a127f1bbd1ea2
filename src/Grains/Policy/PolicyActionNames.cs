namespace SecureStore.Grains.Policy;

/// <summary>The names of single actions in tokens and in the audit log.</summary>
public static class PolicyActionNames
{
    private static readonly (PolicyActions Action, string Name)[] Table =
    [
        (PolicyActions.Store, "store"),
        (PolicyActions.Search, "search"),
        (PolicyActions.Read, "read"),
        (PolicyActions.ReadDeidentified, "read_deidentified"),
        (PolicyActions.Export, "export"),
        (PolicyActions.Hold, "hold"),
        (PolicyActions.Destroy, "destroy"),
        (PolicyActions.Audit, "audit"),
        (PolicyActions.Administer, "administer"),
    ];

    /// <summary>The action of that name, or <see cref="PolicyActions.None"/> where there is none.</summary>
    public static PolicyActions Parse(string name) => Table.FirstOrDefault(row => row.Name == name).Action;

    /// <summary>The names of the actions that are set, in the order of the enumeration.</summary>
    public static IEnumerable<string> Of(PolicyActions actions) =>
        Table.Where(row => actions.HasFlag(row.Action)).Select(row => row.Name);
}
