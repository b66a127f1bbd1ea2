using CsCheck;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Search;
using static SecureStore.Silo.Tests.Search.SearchArchive;

namespace SecureStore.Silo.Tests.Search;

public sealed class SearchPropertyTests
{
    private const int Studies = 10_000;

    private static readonly Gen<string> Text = Gen.OneOf(
        Pick("", "ABC", "abcabc", "a%c", "a_c", "O'Neil", "say \"hi\"", "[a-c]", "CT Thorax 1%", "\U0001F600x\U0001F600", "éa"),
        Gen.Char["abAB %_'\"[]^-"].Array[0, 6].Select(chars => new string(chars)));

    private static readonly Gen<string> Name =
        Gen.Select(Text, Text, Pick("", "=山田^太郎", "=山^ä=やま", "=ABC^x=abcd"), (family, given, rest) => $"{family}^{given}{rest}");

    private static readonly Gen<string> Date =
        Gen.OneOf(Pick("", "20200230", "2020.01.05"), Gen.Int[1, 28].Select(day => $"202001{day:00}"));

    private static readonly Gen<string> Time = Gen.OneOf(Pick("", "junk"), Gen.Int[0, 23].Select(hour => $"{hour:00}1530.25"));

    private static readonly Gen<string> Pattern = Gen.OneOf(
        Text, Gen.Select(Text, Text, (a, b) => $"{a}*{b}"), Text.Select(text => $"*{text}*"), Text.Select(text => $"?{text}*"));

    private static readonly Gen<string> Parameter = Gen.OneOf(
        Gen.Select(Pick("PatientID", "AccessionNumber", "StudyDescription", "StudyID", "PatientName", "ReferringPhysicianName"), Pattern,
            (key, value) => $"{key}={Uri.EscapeDataString(value)}"),
        Gen.Select(Text, Text, (a, b) => $"fuzzymatching=true&PatientName={Uri.EscapeDataString($"{a} {b}")}"),
        Gen.Select(Gen.Int[1, 28], Gen.Int[1, 28], (a, b) => $"StudyDate=202001{a:00}-202001{b:00}"),
        Gen.Int[0, 23].Select(hour => $"StudyTime={hour:00}-"),
        Pick("ModalitiesInStudy=CT", "ModalitiesInStudy=CT,MR", "ModalitiesInStudy=?R", "ModalitiesInStudy=SR", "ModalitiesInStudy=SR,MR", "StudyInstanceUID=1.5,1.77,9"));

    /// <summary>Whatever index leads a query: with 40 hits as few, the date order leads most.</summary>
    [Theory]
    [InlineData(4000)]
    [InlineData(40)]
    public async Task The_read_model_finds_what_matching_each_study_by_itself_finds(int fewHits)
    {
        using var archive = new SearchArchive(new(fewHits));
        var studies = new List<StudyFacts>(Studies);
        Gen.Select(Name, Text, Text, Date, Time, Pick("CT", "MR", "CR", "")).Array[Studies].Sample(
            rows =>
            {
                foreach (var (name, id, description, date, time, modality) in rows)
                {
                    studies.Add(Facts(
                        $"1.{studies.Count}", id,
                        Json(
                            (DicomTag.PatientName, name), (DicomTag.PatientID, id), (DicomTag.AccessionNumber, description),
                            (DicomTag.StudyDescription, description + id), (DicomTag.StudyID, id), (DicomTag.ReferringPhysicianName, name),
                            (DicomTag.StudyDate, date), (DicomTag.StudyTime, time)),
                        Series($"1.{studies.Count}.1", modality), Series($"1.{studies.Count}.2", "SR")));
                }
            },
            iter: 1, threads: 1);
        foreach (var study in studies)
            archive.Add(study);

        await archive.Follower.CatchUpAsync(CancellationToken.None);
        var hits = await archive.HitsAsync(archive.Query(QueryLevel.Study, ""));
        Assert.Equal(Studies, hits.Count);

        var found = 0;
        await Gen.Select(Parameter, Gen.OneOf(Parameter, Gen.Const("")), (a, b) => $"{a}&{b}")
            .Where(text => text.Split('&').Select(part => part.Split('=')[0]).Where(name => name.Length > 0) is var names
                && names.Distinct().Count() == names.Count())
            .SampleAsync(
                async text =>
                {
                    var query = archive.Query(QueryLevel.Study, text);
                    var expected = hits.Where(hit => query.Keys.All(key => key.Matches(hit.Values(key.Tag)))).Select(hit => hit.Study.Handle);
                    var actual = (await archive.HitsAsync(query)).Select(hit => hit.Study.Handle).ToList();
                    Interlocked.Add(ref found, actual.Count);
                    Assert.Equal(expected, actual);
                },
                iter: 100, threads: 1);
        Assert.True(found > Studies);
    }

    [Fact]
    public void A_wildcard_pattern_matches_as_the_regular_expression_does() =>
        Gen.Select(Gen.Char["ab*?"].Array[0, 8], Gen.Char["ab"].Array[0, 10]).Sample((pattern, text) =>
        {
            var expression = string.Concat(pattern.Select(c => c switch { '*' => ".*", '?' => ".", _ => $"{c}" }));
            return new WildcardPattern(new(pattern)).IsMatch(new(text))
                == System.Text.RegularExpressions.Regex.IsMatch(new(text), $"^{expression}$");
        });

    [Fact]
    public void A_time_lies_in_its_own_span() =>
        Gen.Select(Gen.Int[0, 23], Gen.Int[0, 59], Gen.Int[0, 59], Gen.Int[0, 999_999]).Sample((hour, minute, second, micro) =>
        {
            var full = $"{hour:00}{minute:00}{second:00}.{micro:000000}";
            Assert.True(TemporalForm.Time.TryParse(full, out var exact, out var end) && exact == end);
            foreach (var length in new[] { 2, 4, 6, 8, 10 })
                Assert.True(TemporalForm.Time.TryParse(full.AsSpan(0, length), out var low, out var high) && low <= exact && exact <= high);
        });

    private static Gen<string> Pick(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
