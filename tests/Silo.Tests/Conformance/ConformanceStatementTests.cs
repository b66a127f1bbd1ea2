using SecureStore.Contracts;
using System.Text;

namespace SecureStore.Silo.Tests.Conformance;

/// <summary>docs/dicom-conformance.md says what the code does. SECURESTORE_UPDATE_DOCS=1 in the environment has its tables written anew.</summary>
public class ConformanceStatementTests
{
    private static readonly string Document = RepositoryFiles.PathOf("docs/dicom-conformance.md");

    public static TheoryData<string> Tables => [.. ConformanceTables.All.Keys];

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_is_that_of_the_code(string name)
    {
        var document = File.ReadAllText(Document);
        var (start, end) = Find(document, name);
        var table = string.Concat(ConformanceTables.All[name]().Select(line => line + "\n"));
        if (Environment.GetEnvironmentVariable("SECURESTORE_UPDATE_DOCS") == "1" && document[start..end] != table)
        {
            File.WriteAllText(Document, new StringBuilder(document).Remove(start, end - start).Insert(start, table).ToString());
            return;
        }

        Assert.Equal(table, document[start..end]);
    }

    [Fact]
    public void Every_marked_table_is_checked()
    {
        var marked = File.ReadLines(Document).Where(line => line.StartsWith("<!-- table: ", StringComparison.Ordinal)).Select(line => line["<!-- table: ".Length..^" -->".Length]);
        Assert.Equal(ConformanceTables.All.Keys.Order(), marked.Order());
    }

    private static (int Start, int End) Find(string document, string name)
    {
        var mark = $"<!-- table: {name} -->\n";
        var start = document.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        Assert.True(start >= mark.Length, $"The statement has no table {name}.");
        return (start, document.IndexOf("<!-- end -->", start, StringComparison.Ordinal));
    }
}
