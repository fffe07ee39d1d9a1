{{- /* With nothing but what every Go template has, no toYaml and no include, so that a test renders the chart without Helm. */ -}}
{{- define "smtpproxy.metadata" -}}
{ name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}, labels: {{ template "smtpproxy.labels" . }} }
{{- end -}}
{{- define "smtpproxy.labels" -}}
{ app.kubernetes.io/name: {{ .Release.Name }}, app.kubernetes.io/part-of: mail }
{{- end -}}
{{- define "smtpproxy.selector" -}}
{ app.kubernetes.io/name: {{ .Release.Name }} }
{{- end -}}
