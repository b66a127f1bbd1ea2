using System.Net;
using System.Text.Json;
using SecureStore.Dicom;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using static SecureStore.Silo.Tests.Search.SearchArchive;

namespace SecureStore.Silo.Tests.Qido;

public sealed class QidoRoutesTests : IAsyncLifetime
{
    private QidoServer server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await QidoServer.StartAsync();
        server.Archive.Add(
            Facts("1.2.3", "P1", Json(
                (DicomTag.SpecificCharacterSet, "ISO_IR 100"), (DicomTag.StudyDate, "20200110"), (DicomTag.PatientName, "Müller^Änne"),
                (DicomTag.PatientID, "P1"), (DicomTag.StudyDescription, "Thorax")),
                Series("1.2.3.1", "CT", Json((DicomTag.SeriesNumber, 4)), 2), Series("1.2.3.2", "SR")),
            Instance("1.2.3.1", "1.2.3.1.1", Json((DicomTag.InstanceNumber, 1), (DicomTag.Rows, 512))), Instance("1.2.3.1", "1.2.3.1.2"),
            Instance("1.2.3.2", "1.2.3.2.1"));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task<JsonElement> ResultsAsync(string path)
    {
        using var response = await server.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/dicom+json", response.Content.Headers.ContentType!.ToString());
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    private static string Value(JsonElement result, string tag) => result.GetProperty(tag).GetProperty("Value")[0].ToString();

    private static string[] Tags(JsonElement result) => [.. result.EnumerateObject().Select(property => property.Name)];

    [Fact]
    public async Task A_study_comes_with_its_required_attributes_in_order()
    {
        var study = Assert.Single((await ResultsAsync("studies")).EnumerateArray());
        Assert.Equal(
            "00080005 00080020 00080030 00080050 00080056 00080061 00080090 00081190 00100010 00100020 00100030 00100040 0020000D "
            + "00200010 00201206 00201208",
            string.Join(' ', Tags(study)));
        Assert.Equal("ISO_IR 192", Value(study, "00080005"));
        Assert.Equal("ONLINE", Value(study, "00080056"));
        Assert.Equal("""{"vr":"CS","Value":["CT","SR"]}""", study.GetProperty("00080061").GetRawText());
        Assert.Equal("Müller^Änne", study.GetProperty("00100010").GetProperty("Value")[0].GetProperty("Alphabetic").GetString());
        Assert.Equal($"{server.Address}/dicom-web/studies/1.2.3", Value(study, "00081190"));
        Assert.Equal("""{"vr":"DA"}""", study.GetProperty("00100030").GetRawText());
        Assert.Equal("""{"vr":"IS","Value":[2]}""", study.GetProperty("00201206").GetRawText());
        Assert.Equal("""{"vr":"IS","Value":[3]}""", study.GetProperty("00201208").GetRawText());
    }

    [Fact]
    public async Task A_series_of_a_named_study_comes_without_the_patient_and_any_other_with_it()
    {
        var named = (await ResultsAsync("studies/1.2.3/series"))[0];
        Assert.Equal(
            "00080060 0008103E 00081190 0020000D 0020000E 00200011 00201209 00400244 00400245 00400275",
            string.Join(' ', Tags(named).Where(tag => tag != "00080005")));
        Assert.Equal($"{server.Address}/dicom-web/studies/1.2.3/series/1.2.3.1", Value(named, "00081190"));
        Assert.Equal("2", Value(named, "00201209"));

        Assert.Equal("P1", Value((await ResultsAsync("series?Modality=CT"))[0], "00100020"));
    }

    [Fact]
    public async Task Instances_come_at_each_of_their_three_places()
    {
        var instance = (await ResultsAsync("studies/1.2.3/series/1.2.3.1/instances"))[0];
        Assert.Equal(
            "00080016 00080018 00080056 00081190 0020000D 0020000E 00200013 00280008 00280010 00280011 00280100",
            string.Join(' ', Tags(instance).Where(tag => tag != "00080005")));
        Assert.Equal($"{server.Address}/dicom-web/studies/1.2.3/series/1.2.3.1/instances/1.2.3.1.1", Value(instance, "00081190"));
        Assert.Equal("512", Value(instance, "00280010"));

        Assert.Equal("SR", Value((await ResultsAsync("studies/1.2.3/instances"))[2], "00080060"));
        Assert.Equal("P1", Value((await ResultsAsync("instances?SOPInstanceUID=1.2.3.1.2"))[0], "00100020"));
    }

    [Fact]
    public async Task Included_fields_and_matching_keys_are_returned()
    {
        Assert.DoesNotContain("00081030", Tags((await ResultsAsync("studies"))[0]));
        Assert.Contains("00081030", Tags((await ResultsAsync("studies?includefield=00081030,00080060"))[0]));
        Assert.Contains("00081030", Tags((await ResultsAsync("studies?includefield=StudyID&includefield=StudyDescription"))[0]));
        Assert.Contains("00081030", Tags((await ResultsAsync("studies?StudyDescription=Thorax"))[0]));
        Assert.Contains("00081030", Tags((await ResultsAsync("studies?includefield=all"))[0]));
        Assert.Contains("00100010", Tags((await ResultsAsync("studies/1.2.3/series?includefield=PatientName"))[0]));
    }

    [Fact]
    public async Task What_is_not_done_is_said_in_a_warning()
    {
        using var response = await server.GetAsync("studies?includefield=PixelData&Modality=CT");
        var warnings = response.Headers.GetValues("Warning").ToList();
        Assert.Equal(2, warnings.Count);
        Assert.All(warnings, warning => Assert.Matches("^299 SecureStore \".+\"$", warning));
    }

    [Theory]
    [InlineData(null, "application/dicom+json")]
    [InlineData("*/*", "application/dicom+json")]
    [InlineData("application/dicom+json", "application/dicom+json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json, application/dicom+json;q=0.5", "application/dicom+json")]
    [InlineData("application/dicom+json;q=0, application/json", "application/json")]
    [InlineData("multipart/related; type=\"application/dicom+xml\", application/json", "application/json")]
    [InlineData("multipart/related; type=\"application/dicom+xml\"", null)]
    [InlineData("text/html", null)]
    [InlineData("nonsense", null)]
    public async Task The_media_type_is_negotiated(string? accept, string? answered)
    {
        using var response = await server.GetAsync("studies", accept);
        Assert.Equal(answered is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK, response.StatusCode);
        if (answered is not null)
            Assert.Equal(answered, response.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task A_query_is_recorded_once_with_the_names_of_its_keys_and_not_their_values()
    {
        await ResultsAsync("studies?PatientName=*M%C3%BCller*&limit=1");
        var recorded = Assert.Single(server.Events);
        Assert.Equal(AuditAction.Query, recorded.Action);
        Assert.Equal("Study: 00100010", recorded.Detail);
        Assert.Equal("dr", recorded.Actor);
        Assert.Equal("TREAT", recorded.PurposeOfUse);
    }

    [Fact]
    public async Task No_record_no_result()
    {
        server.AuditIsAway = true;
        using var response = await server.GetAsync("studies");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("5", response.Headers.RetryAfter!.ToString());
        Assert.DoesNotContain("P1", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_catalog_that_is_away_is_503()
    {
        server.Archive.IsAway = true;
        using var response = await server.GetAsync("studies");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Theory]
    [InlineData("studies?limit=-1")]
    [InlineData("studies?PatientName=a&PatientName=b")]
    [InlineData("studies/abc/series")]
    [InlineData("studies/1.2.3/series/../instances")]
    public async Task A_malformed_request_is_400(string path)
    {
        using var response = await server.GetAsync(path.Replace("..", "%2E%2Ex", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Empty(server.Events);
    }

    [Fact]
    public async Task Without_a_token_401_without_the_action_403_and_out_of_scope_nothing()
    {
        server.Token = null;
        using (var response = await server.GetAsync("studies"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        }

        server.Token = Token(PolicyActions.Read, new PolicyLocation.Everything());
        using (var response = await server.GetAsync("studies"))
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);

        server.Token = Token(new PolicyLocation.OfStudy("9.9"));
        Assert.Equal(0, (await ResultsAsync("studies/1.2.3/series")).GetArrayLength());
    }

    [Fact]
    public async Task A_long_answer_is_broken_off_when_its_token_is_revoked()
    {
        for (var i = 0; i < 3000; i++)
            server.Archive.Add(Facts($"2.{i}", "P2", Json((DicomTag.PatientID, "P2"))));

        server.IsRevoked = true;
        await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.GetStringAsync("studies?includefield=all"));
    }

    [Fact]
    public async Task A_long_answer_is_streamed_whole()
    {
        for (var i = 0; i < 3000; i++)
            server.Archive.Add(Facts($"2.{i}", "P2", Json((DicomTag.PatientID, "P2"))));

        Assert.Equal(3001, (await ResultsAsync("studies?includefield=all")).GetArrayLength());
    }
}
