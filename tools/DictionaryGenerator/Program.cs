using SecureStore.DictionaryGenerator;

if (args is not [var tables, var output])
{
    Console.Error.WriteLine("usage: DictionaryGenerator TABLES OUTPUT (tools/DictionaryGenerator src/Dicom/Generated)");
    return 2;
}

foreach (var (name, source) in Generator.Run(tables))
    File.WriteAllText(Path.Combine(output, name), source);

return 0;
