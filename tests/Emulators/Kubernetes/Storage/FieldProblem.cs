namespace Ambrosia.Emulators.Kubernetes.Storage;

/// <summary>What is wrong with a field of an object.</summary>
/// <param name="Reason">FieldValueInvalid, FieldValueForbidden, FieldValueRequired, FieldValueNotFound, FieldValueDuplicate, FieldValueNotSupported.</param>
internal sealed record FieldProblem(string Reason, string Field, string Message)
{
    public static FieldProblem Invalid(string field, string value, string why) => new("FieldValueInvalid", field, $"Invalid value: {value}: {why}");

    public static FieldProblem Forbidden(string field, string why) => new("FieldValueForbidden", field, $"Forbidden: {why}");

    public static FieldProblem Required(string field, string why = "") =>
        new("FieldValueRequired", field, why.Length == 0 ? "Required value" : $"Required value: {why}");

    public static FieldProblem NotFound(string field, string value) => new("FieldValueNotFound", field, $"Not found: \"{value}\"");

    public static FieldProblem Duplicate(string field, string value) => new("FieldValueDuplicate", field, $"Duplicate value: {value}");

    public static FieldProblem NotSupported(string field, string value, params string[] supported) =>
        new("FieldValueNotSupported", field, $"Unsupported value: \"{value}\": supported values: {string.Join(", ", supported.Order(StringComparer.Ordinal).Select(text => $"\"{text}\""))}");
}
