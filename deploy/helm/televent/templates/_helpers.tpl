{{/* Names are cut to what a label may have, with room for the role. */}}
{{- define "televent.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "televent.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "televent.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "televent.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What is selected by: it never changes. */}}
{{- define "televent.selectorLabels" -}}
app.kubernetes.io/name: {{ include "televent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "televent.labels" -}}
{{ include "televent.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "televent.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "televent.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "televent.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The restricted Pod Security Standard. */}}
{{- define "televent.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "televent.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The settings that every process has. */}}
{{- define "televent.env" -}}
- name: TELEVENT_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret }}
      key: {{ .Values.database.urlKey }}
{{- range $name, $value := .Values.settings }}
- name: TELEVENT_{{ upper $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* The settings of a process that serves; takes the root and the role. */}}
{{- define "televent.serveEnv" -}}
{{- $ := .root -}}
{{ include "televent.env" $ }}
- name: TELEVENT_HTTP_LISTEN
  value: 0.0.0.0:8080
- name: TELEVENT_PUBLIC_URL
  value: {{ $.Values.publicUrl | quote }}
- name: TELEVENT_NATS_URL
  value: {{ $.Values.nats.url | quote }}
{{- if $.Values.nats.nkeysSecret }}
- name: TELEVENT_NATS_NKEY_FILE
  value: /run/secrets/televent/nats.nk
{{- end }}
{{- with $.Values.trustedProxies }}
- name: TELEVENT_TRUSTED_PROXIES
  value: {{ . | quote }}
{{- end }}
{{- /* The api never speaks to Telegram, so it has no token. */}}
{{- if ne .role "api" }}
- name: TELEVENT_TELEGRAM_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.telegram.existingSecret }}
      key: {{ $.Values.telegram.tokenKey }}
{{- end }}
{{- if eq .role "rsvp" }}
- name: TELEVENT_TELEGRAM_UPDATES
  value: {{ $.Values.telegram.updates }}
{{- if eq $.Values.telegram.updates "webhook" }}
- name: TELEVENT_TELEGRAM_WEBHOOK_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.telegram.existingSecret }}
      key: {{ $.Values.telegram.webhookSecretKey }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Whether the number of a role's pods is somebody else's to decide. */}}
{{- define "televent.isScaled" -}}
{{- if eq .role "api" -}}
{{- if .root.Values.autoscaling.api.enabled }}yes{{ end -}}
{{- else -}}
{{- if .root.Values.autoscaling.keda.enabled }}yes{{ end -}}
{{- end -}}
{{- end -}}
