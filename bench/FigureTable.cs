using System.Text;

namespace SecureStore.Bench;

/// <summary>The figures of a run as a Markdown table.</summary>
internal sealed class FigureTable
{
    private readonly List<string[]> rows = [["what", "SecureStore", "beside it", "ratio", "wanted"], ["---", "---:", "---:", "---:", "---:"]];

    /// <param name="what">What was measured, units included.</param>
    /// <param name="ratio">The median of the rounds' ratios, ours to the other's.</param>
    public void Add(string what, string ours, string theirs, double ratio, string wanted) =>
        rows.Add([what, ours, theirs, ratio.ToString("0.00"), wanted]);

    /// <summary>A row without a ratio.</summary>
    public void Add(string what, string ours, string theirs) => rows.Add([what, ours, theirs, "", ""]);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }

        return text.ToString();
    }
}
